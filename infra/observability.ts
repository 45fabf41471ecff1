/**
 * What tells the operators that the pipeline itself is in trouble: messages that wait, dead letters, errors of the
 * functions, timers that pile up, the bill; a dashboard of the same; who read data, where the stack asks for it.
 * Policies count what Google measures, so they speak when every function of ours is silent.
 */
import * as gcp from '@pulumi/gcp';
import * as pulumi from '@pulumi/pulumi';
import { dashboardOf } from './dashboard.ts';
import type { Delivery } from './delivery.ts';
import type { Front } from './front.ts';
import type { Ingest } from './ingest.ts';
import { type Naming, under } from './naming.ts';
import type { Platform } from './platform.ts';
import type { Windows } from './windows.ts';

const AUDITED = ['bigquery.googleapis.com', 'storage.googleapis.com', 'secretmanager.googleapis.com'];

export interface ObservabilityArgs {
  readonly platform: Platform;
  readonly ingest: Ingest;
  readonly windows: Windows;
  readonly delivery: Delivery;
  readonly front: Front;
  readonly projectNumber: pulumi.Input<string>;
}

interface Threshold {
  readonly what: string;
  readonly says: string;
  readonly filter: pulumi.Input<string>;
  readonly above: number;
  readonly for: string;
  readonly aligner: 'ALIGN_MAX' | 'ALIGN_SUM' | 'ALIGN_COUNT_FALSE';
  readonly severity: 'CRITICAL' | 'ERROR' | 'WARNING';
}

export class Observability extends pulumi.ComponentResource {
  readonly dashboard: gcp.monitoring.Dashboard;
  private readonly naming: Naming;
  private readonly args: ObservabilityArgs;
  private readonly channels: readonly gcp.monitoring.NotificationChannel[];

  constructor(naming: Naming, args: ObservabilityArgs, opts?: pulumi.ComponentResourceOptions) {
    super('logweir:infra:Observability', naming.name('observability'), {}, opts);
    this.naming = naming;
    this.args = args;
    const { project, operators } = naming.settings;
    this.channels = operators.map(
      (email, i) =>
        new gcp.monitoring.NotificationChannel(
          naming.name(`operator-${i}`),
          { project, type: 'email', displayName: email, labels: { email_address: email } },
          under(this, args.platform.apis),
        ),
    );
    const errors = new gcp.logging.Metric(
      naming.name('errors'),
      {
        project,
        name: naming.name('errors'),
        description: 'Lines of severity ERROR and above of the functions of Logweir',
        filter: `resource.type="cloud_run_revision" AND resource.labels.service_name:"${naming.settings.prefix}-" AND severity>=ERROR`,
        metricDescriptor: {
          metricKind: 'DELTA',
          valueType: 'INT64',
          unit: '1',
          labels: [{ key: 'function', valueType: 'STRING' }],
        },
        labelExtractors: { function: 'EXTRACT(resource.labels.service_name)' },
      },
      under(this, args.platform.apis),
    );
    for (const threshold of this.thresholds(errors)) this.watch(threshold);
    this.watchLoading();
    this.dashboard = new gcp.monitoring.Dashboard(
      naming.name('dashboard'),
      { project, dashboardJson: JSON.stringify(dashboardOf(naming.settings.prefix)) },
      under(this, [errors]),
    );
    this.watchBill();
    this.audit();
    this.registerOutputs({});
  }

  private thresholds(errors: gcp.logging.Metric): Threshold[] {
    const { ingest, windows, delivery, front } = this.args;
    const waiting = (name: 'parse' | 'alert'): pulumi.Output<string> =>
      pulumi.interpolate`resource.type="pubsub_subscription" AND resource.labels.subscription_id="${delivery.subscriptions.get(name)!.name}" AND metric.type="pubsub.googleapis.com/subscription/oldest_unacked_message_age"`;
    return [
      {
        what: 'lag',
        says: 'logs wait to be parsed for more than five minutes',
        filter: waiting('parse'),
        ...{ above: 300, for: '300s', aligner: 'ALIGN_MAX', severity: 'ERROR' },
      },
      {
        what: 'verdict-lag',
        says: 'verdicts wait for alerting for more than two minutes',
        filter: waiting('alert'),
        ...{ above: 120, for: '120s', aligner: 'ALIGN_MAX', severity: 'CRITICAL' },
      },
      {
        what: 'dead-letters',
        says: 'Pub/Sub gave messages up to the dead-letter topic',
        filter: pulumi.interpolate`resource.type="pubsub_subscription" AND resource.labels.subscription_id="${ingest.deadSubscription.name}" AND metric.type="pubsub.googleapis.com/subscription/num_undelivered_messages"`,
        ...{ above: 0, for: '0s', aligner: 'ALIGN_MAX', severity: 'ERROR' },
      },
      {
        what: 'errors',
        says: 'functions log errors',
        filter: pulumi.interpolate`resource.type="cloud_run_revision" AND metric.type="logging.googleapis.com/user/${errors.name}"`,
        ...{ above: 10, for: '300s', aligner: 'ALIGN_SUM', severity: 'WARNING' },
      },
      {
        what: 'timers',
        says: 'window timers pile up: windows close late',
        filter: pulumi.interpolate`resource.type="cloud_tasks_queue" AND resource.labels.queue_id="${windows.queue.name}" AND metric.type="cloudtasks.googleapis.com/queue/depth"`,
        ...{ above: 50_000, for: '600s', aligner: 'ALIGN_MAX', severity: 'WARNING' },
      },
      ...(this.naming.settings.importFrom === undefined ? [] : this.importThresholds()),
      ...(front.uptime === null
        ? []
        : [
            {
              what: 'api-down',
              says: 'the API does not answer',
              filter: pulumi.interpolate`resource.type="uptime_url" AND metric.type="monitoring.googleapis.com/uptime_check/check_passed" AND metric.labels.check_id="${front.uptime.uptimeCheckId}"`,
              // From more than one place of three, so that it is not the place that is down.
              ...({ above: 1, for: '120s', aligner: 'ALIGN_COUNT_FALSE', severity: 'ERROR' } as const),
            },
          ]),
    ];
  }

  /** Metrics of import topics; how their states are written is not documented, so only their words are looked for. */
  private importThresholds(): Threshold[] {
    const of = (metric: string): pulumi.Output<string> =>
      pulumi.interpolate`resource.type="pubsub_topic" AND resource.labels.topic_id="${this.args.ingest.logs.name}" AND metric.type="pubsub.googleapis.com/topic/${metric}"`;
    return [
      {
        what: 'import-failures',
        says: 'Pub/Sub cannot import some records, and leaves them out',
        filter: of('ingestion_failure_count'),
        ...{ above: 0, for: '0s', aligner: 'ALIGN_SUM', severity: 'ERROR' },
      },
      {
        what: 'import-stopped',
        says: 'Pub/Sub may not read or publish what it should import, or does not find it',
        filter: pulumi.interpolate`${of('ingestion_data_source_state')} AND metric.labels.state=monitoring.regex.full_match("(?i).*(denied|not_found|unreachable|too_many).*")`,
        ...{ above: 0, for: '600s', aligner: 'ALIGN_MAX', severity: 'CRITICAL' },
      },
    ];
  }

  private watch({ what, says, filter, above, for: duration, aligner, severity }: Threshold): void {
    const { project, prefix } = this.naming.settings;
    new gcp.monitoring.AlertPolicy(
      this.naming.name(what),
      {
        project,
        displayName: `${prefix}: ${says}`,
        combiner: 'OR',
        severity,
        userLabels: { ...this.naming.labels },
        notificationChannels: this.channels.map(({ id }) => id),
        documentation: { content: `See "Troubleshooting" in infra/README.md: ${what}.` },
        conditions: [
          {
            displayName: says,
            conditionThreshold: {
              filter,
              comparison: 'COMPARISON_GT',
              thresholdValue: above,
              duration,
              aggregations: [{ alignmentPeriod: '60s', perSeriesAligner: aligner }],
            },
          },
        ],
      },
      under(this),
    );
  }

  /** A run that goes well says so every minute; one that fails, or that finds rows waiting for long, does not. */
  private watchLoading(): void {
    const { project, prefix, rows } = this.naming.settings;
    if (rows === undefined) return;
    const says = 'no run of load has gone well for a quarter of an hour: rows wait to be loaded';
    const loaded = new gcp.logging.Metric(
      this.naming.name('loaded'),
      {
        project,
        name: this.naming.name('loaded'),
        description: 'Runs of load that went well',
        filter: `resource.type="cloud_run_revision" AND resource.labels.service_name="${this.naming.name('load')}" AND jsonPayload.stage="load" AND severity<ERROR`,
        metricDescriptor: { metricKind: 'DELTA', valueType: 'INT64', unit: '1' },
      },
      under(this, this.args.platform.apis),
    );
    new gcp.monitoring.AlertPolicy(
      this.naming.name('rows-late'),
      {
        project,
        displayName: `${prefix}: ${says}`,
        combiner: 'OR',
        severity: 'ERROR',
        userLabels: { ...this.naming.labels },
        notificationChannels: this.channels.map(({ id }) => id),
        documentation: { content: 'See "Troubleshooting" in infra/README.md: rows-late.' },
        conditions: [
          {
            displayName: says,
            conditionAbsent: {
              filter: pulumi.interpolate`resource.type="cloud_run_revision" AND metric.type="logging.googleapis.com/user/${loaded.name}"`,
              duration: '900s',
              aggregations: [{ alignmentPeriod: '60s', perSeriesAligner: 'ALIGN_SUM' }],
            },
          },
        ],
      },
      under(this),
    );
  }

  private watchBill(): void {
    const { budget, prefix } = this.naming.settings;
    if (budget === undefined) return;
    new gcp.billing.Budget(
      this.naming.name('budget'),
      {
        billingAccount: budget.billingAccount,
        displayName: prefix,
        amount: { specifiedAmount: { currencyCode: 'USD', units: String(budget.usdPerMonth) } },
        budgetFilter: {
          projects: [pulumi.interpolate`projects/${this.args.projectNumber}`],
          labels: { app: 'logweir' },
        },
        thresholdRules: [
          { thresholdPercent: 0.5 },
          { thresholdPercent: 0.9 },
          { thresholdPercent: 1, spendBasis: 'FORECASTED_SPEND' },
        ],
        allUpdatesRule: { monitoringNotificationChannels: this.channels.map(({ id }) => id) },
      },
      under(this, this.args.platform.apis),
    );
  }

  private audit(): void {
    const { project, auditDataAccess } = this.naming.settings;
    if (!auditDataAccess) return;
    for (const service of AUDITED)
      new gcp.projects.IAMAuditConfig(
        this.naming.name(`audit-${service.split('.')[0]}`),
        { project, service, auditLogConfigs: [{ logType: 'DATA_READ' }, { logType: 'DATA_WRITE' }] },
        under(this, this.args.platform.apis),
      );
  }
}
