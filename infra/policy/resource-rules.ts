/**
 * What is asked of each resource before it is made, of ours and of what somebody adds to the stack later. Whatever is
 * found stops `pulumi up`. Values that are not known yet are asked again when they are.
 */
import type { ReportViolation, ResourceValidationArgs, ResourceValidationPolicy } from '@pulumi/policy';

type Fields = Readonly<Record<string, unknown>>;
type Problems = (props: Fields, args: ResourceValidationArgs) => readonly string[];

const field = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Fields)[key] : undefined;

/** A rule about resources of some types. */
const rule = (
  name: string,
  description: string,
  types: RegExp,
  problemsOf: Problems,
): ResourceValidationPolicy => ({
  name,
  description,
  validateResource: (args: ResourceValidationArgs, report: ReportViolation) => {
    if (types.test(args.type))
      for (const problem of problemsOf(args.props, args)) report(`${args.name}: ${problem}`);
  },
});

const BUCKET = /^gcp:storage\/bucket:Bucket$/;
const SUBSCRIPTION = /^gcp:pubsub\/subscription:Subscription$/;
const GRANT = /I[Aa][Mm](Member|Binding|Policy)$/;
const DATASET = /^gcp:bigquery\/dataset:Dataset$/;
const DATABASE = /^gcp:firestore\/database:Database$/;
const LABELLED =
  /:(Topic|Subscription|Bucket|Dataset|Function|Secret|Repository|AiEndpoint|Instance|Cluster)$/;
const PRIMITIVE = /^roles\/(owner|editor|viewer)$/;

const when = (isWrong: boolean, problem: string): readonly string[] => (isWrong ? [problem] : []);

const isPush = (props: Fields): boolean => field(props.pushConfig, 'pushEndpoint') !== undefined;
/** Topics of a stack say which it is by their labels; so does all that can have labels. */
const isProd = (props: Fields): boolean => field(props.labels, 'environment') === 'prod';

export const RESOURCE_RULES: readonly ResourceValidationPolicy[] = [
  rule('buckets-are-closed', 'No bucket can be made public.', BUCKET, ({ publicAccessPrevention }) =>
    when(publicAccessPrevention !== 'enforced', 'publicAccessPrevention must be "enforced"'),
  ),
  rule(
    'buckets-have-uniform-access',
    'Rights to a bucket are given on the bucket alone.',
    BUCKET,
    ({ uniformBucketLevelAccess }) =>
      when(uniformBucketLevelAccess !== true, 'uniformBucketLevelAccess must be true'),
  ),
  rule('nobody-unnamed', 'No grant to everybody.', GRANT, (props) =>
    when(
      /allUsers|allAuthenticatedUsers/.test(JSON.stringify(props)),
      'grants to allUsers or allAuthenticatedUsers; name who it is for',
    ),
  ),
  rule('no-primitive-roles', 'No owner, editor or viewer of the project.', GRANT, ({ role }) =>
    when(PRIMITIVE.test(String(role)), `${role} is a primitive role; grant what is needed`),
  ),
  rule('no-keys', 'Service accounts have no keys.', /^gcp:serviceaccount\/key:Key$/, () => [
    'a key can be stolen; use the identity of what runs',
  ]),
  rule('push-has-dead-letter', 'What is pushed and fails is kept.', SUBSCRIPTION, (props) =>
    when(
      isPush(props) && field(props.deadLetterPolicy, 'deadLetterTopic') === undefined,
      'deadLetterPolicy is missing',
    ),
  ),
  rule('push-has-token', 'What is pushed says who pushes, and to whom.', SUBSCRIPTION, (props) => {
    const token = field(props.pushConfig, 'oidcToken');
    return when(
      isPush(props) &&
        (field(token, 'serviceAccountEmail') === undefined || field(token, 'audience') === undefined),
      'pushConfig.oidcToken must have serviceAccountEmail and audience',
    );
  }),
  rule(
    'tables-want-a-partition',
    'No query reads all of a partitioned table by a slip.',
    /^gcp:bigquery\/table:Table$/,
    ({ timePartitioning, requirePartitionFilter }) =>
      when(
        timePartitioning !== undefined && requirePartitionFilter !== true,
        'requirePartitionFilter must be true',
      ),
  ),
  rule('somebody-pays', 'Everything says who pays for it.', LABELLED, ({ labels }, { type }) =>
    when(type.startsWith('gcp:') && field(labels, 'cost-owner') === undefined, 'labels must have cost-owner'),
  ),
  rule('prod-data-stays', 'In prod, what holds data is not lost by a slip.', /./, (props, { type, opts }) => {
    if (!isProd(props)) return [];
    if (DATASET.test(type))
      return [
        ...when(props.deleteContentsOnDestroy === true, 'deleteContentsOnDestroy must be false'),
        ...when(!opts.protect, 'protect must be set'),
      ];
    if (BUCKET.test(type)) return when(!opts.protect && props.forceDestroy !== true, 'protect must be set');
    return [];
  }),
  rule(
    'databases-are-kept',
    'A database that Pulumi protects is protected at Google too.',
    DATABASE,
    (props, { opts }) =>
      when(
        opts.protect && props.deleteProtectionState !== 'DELETE_PROTECTION_ENABLED',
        'deleteProtectionState must be DELETE_PROTECTION_ENABLED',
      ),
  ),
];
