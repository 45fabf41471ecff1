/** Checks of a topic that imports: that Pub/Sub may read and publish, and that somebody hears when it cannot. */
import { type Check, inputsOf, of, roleOf } from './check.ts';
import type { Inputs, Made } from './stack.ts';

const agentMay = (
  made: readonly Made[],
  type: string,
  role: string,
  at: (inputs: Inputs) => boolean,
): boolean =>
  of(made, type).some(
    (one) => roleOf(one) === role && /gcp-sa-pubsub/.test(String(inputsOf(one).member)) && at(inputsOf(one)),
  );

export const imported: Check = (made) => {
  const topic = of(made, 'Topic').find((one) => inputsOf(one).ingestionDataSourceSettings !== undefined);
  if (topic === undefined) return [];
  const { platformLogsSettings, ...sources } = inputsOf(topic).ingestionDataSourceSettings;
  const [[kind, source] = ['nothing', {}]]: [string, Inputs][] = Object.entries(sources);
  const problems: string[] = [];
  if (Object.keys(sources).length !== 1) problems.push(`${topic.name} imports from ${Object.keys(sources)}`);
  if (platformLogsSettings?.severity !== 'WARNING')
    problems.push(`${topic.name} does not say what it cannot import`);
  if (!agentMay(made, 'TopicIAMMember', 'roles/pubsub.publisher', (inputs) => inputs.topic === topic.name))
    problems.push(`Pub/Sub may not publish what it imports to ${topic.name}`);
  if (kind === 'cloudStorage') {
    for (const role of ['roles/storage.objectViewer', 'roles/storage.legacyBucketReader'])
      if (!agentMay(made, 'BucketIAMMember', role, (inputs) => inputs.bucket === source.bucket))
        problems.push(`Pub/Sub lacks ${role} on ${source.bucket}`);
  } else if (
    !agentMay(made, 'IAMMember', 'roles/iam.serviceAccountTokenCreator', (inputs) =>
      String(inputs.serviceAccountId).endsWith(`/${source.gcpServiceAccount}`),
    )
  )
    problems.push(`Pub/Sub may make no tokens of ${source.gcpServiceAccount}`);
  if (!topic.after.some((name) => name.startsWith('logweir-import-')))
    problems.push(`${topic.name} reads before it may`);
  for (const what of ['import-failures', 'import-stopped'])
    if (!of(made, 'AlertPolicy').some(({ name }) => name === `logweir-${what}`))
      problems.push(`nothing watches ${what}`);
  return problems;
};
