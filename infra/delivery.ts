/**
 * What calls the functions. Push subscriptions of our own, not those that an event trigger makes: these keep messages for
 * a week instead of a day, have a dead letter, and stay when a function goes. Schedules call the others. Every call
 * carries an OIDC token for the address of the function.
 */
import * as gcp from '@pulumi/gcp';
import * as pulumi from '@pulumi/pulumi';
import type { FunctionName } from './config.ts';
import type { Identities } from './identities.ts';
import type { Ingest } from './ingest.ts';
import { type Naming, under } from './naming.ts';
import { PLANS } from './plan.ts';
import type { Platform } from './platform.ts';
import type { Serverless } from './serverless.ts';

const WEEK = '604800s';
/** Cloud Scheduler waits no longer for an answer; what runs on is met by the next call, which all functions bear. */
const MAX_DEADLINE_S = 1800;

export interface DeliveryArgs {
  readonly names: readonly FunctionName[];
  readonly platform: Platform;
  readonly identities: Identities;
  readonly ingest: Ingest;
  readonly serverless: Serverless;
}

export class Delivery extends pulumi.ComponentResource {
  readonly subscriptions = new Map<FunctionName, gcp.pubsub.Subscription>();
  readonly schedules = new Map<FunctionName, gcp.cloudscheduler.Job>();

  constructor(naming: Naming, args: DeliveryArgs, opts?: pulumi.ComponentResourceOptions) {
    super('logweir:infra:Delivery', naming.name('delivery'), {}, opts);
    this.push('parse', args.ingest.logs, naming, args);
    this.push('alert', args.ingest.verdicts, naming, args);
    for (const name of args.names.filter((one) => PLANS[one].caller === 'schedule'))
      this.schedule(name, naming, args);
    this.registerOutputs({});
  }

  private push(
    name: FunctionName,
    topic: gcp.pubsub.Topic,
    naming: Naming,
    { identities, ingest, platform, serverless }: DeliveryArgs,
  ): void {
    const { project, maxDeliveryAttempts } = naming.settings;
    const url = serverless.urlOf(name);
    const subscription = new gcp.pubsub.Subscription(
      naming.name(name),
      {
        project,
        name: naming.name(name),
        topic: topic.id,
        labels: { ...naming.labels },
        ackDeadlineSeconds: 600,
        messageRetentionDuration: WEEK,
        expirationPolicy: { ttl: '' },
        pushConfig: {
          // The framework reads the topic from the path, and complains of every message without one.
          pushEndpoint: pulumi.interpolate`${url}/projects/${project}/topics/${topic.name}`,
          oidcToken: { serviceAccountEmail: identities.callers.push.email, audience: url },
        },
        retryPolicy: { minimumBackoff: '10s', maximumBackoff: '600s' },
        deadLetterPolicy: { deadLetterTopic: ingest.dead.id, maxDeliveryAttempts },
      },
      under(this, [serverless.invokers.get(name)!, ingest.deadGrant, ...identities.tokenGrants]),
    );
    this.subscriptions.set(name, subscription);
    // To take a message out after its last attempt, Pub/Sub must be a subscriber itself.
    new gcp.pubsub.SubscriptionIAMMember(
      naming.name(`${name}-dead-pubsub`),
      {
        project,
        subscription: subscription.name,
        role: 'roles/pubsub.subscriber',
        member: pulumi.interpolate`serviceAccount:${platform.agents.pubsub.email}`,
      },
      under(this),
    );
  }

  private schedule(name: FunctionName, naming: Naming, { identities, serverless }: DeliveryArgs): void {
    const { project, region } = naming.settings;
    const { cron, timeoutSeconds } = PLANS[name];
    if (cron === undefined) throw new Error(`function ${name} has no schedule`);
    const url = serverless.urlOf(name);
    this.schedules.set(
      name,
      new gcp.cloudscheduler.Job(
        naming.name(name),
        {
          project,
          region,
          name: naming.name(name),
          description: `Logweir: calls ${name}`,
          schedule: cron,
          timeZone: 'Etc/UTC',
          attemptDeadline: `${Math.min(timeoutSeconds, MAX_DEADLINE_S)}s`,
          // The next call goes on where this one failed.
          retryConfig: { retryCount: 0 },
          httpTarget: {
            uri: url,
            httpMethod: 'POST',
            headers: { 'Content-Type': 'application/json' },
            body: Buffer.from('{}').toString('base64'),
            oidcToken: { serviceAccountEmail: identities.callers.schedule.email, audience: url },
          },
        },
        under(this, [serverless.invokers.get(name)!, ...identities.tokenGrants]),
      ),
    );
  }
}
