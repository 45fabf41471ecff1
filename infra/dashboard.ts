/** The dashboard of the pipeline in Cloud Monitoring, as its API takes it. */

interface Chart {
  readonly title: string;
  readonly filter: string;
  readonly aligner: 'ALIGN_MAX' | 'ALIGN_RATE' | 'ALIGN_MEAN' | 'ALIGN_PERCENTILE_95';
  readonly reducer: 'REDUCE_MAX' | 'REDUCE_SUM' | 'REDUCE_MEAN';
  readonly groupBy: string;
}

/** Twelve columns, charts of half of them. */
export function dashboardOf(prefix: string): object {
  const tiles = chartsOf(prefix).map(({ title, filter, aligner, reducer, groupBy }, i) => ({
    ...{ xPos: (i % 2) * 6, yPos: Math.floor(i / 2) * 4, width: 6, height: 4 },
    widget: {
      title,
      xyChart: {
        dataSets: [
          {
            plotType: 'LINE',
            timeSeriesQuery: {
              timeSeriesFilter: {
                filter,
                aggregation: {
                  alignmentPeriod: '60s',
                  perSeriesAligner: aligner,
                  crossSeriesReducer: reducer,
                  groupByFields: [groupBy],
                },
              },
            },
          },
        ],
      },
    },
  }));
  return { displayName: `Logweir: ${prefix}`, mosaicLayout: { columns: 12, tiles } };
}

function chartsOf(prefix: string): Chart[] {
  const subscription = `resource.type="pubsub_subscription" AND resource.labels.subscription_id=starts_with("${prefix}-")`;
  const service = `resource.type="cloud_run_revision" AND resource.labels.service_name=starts_with("${prefix}-")`;
  const bySubscription = 'resource.label."subscription_id"';
  const byService = 'resource.label."service_name"';
  return [
    {
      title: 'Oldest message that waits (s)',
      filter: `${subscription} AND metric.type="pubsub.googleapis.com/subscription/oldest_unacked_message_age"`,
      ...{ aligner: 'ALIGN_MAX', reducer: 'REDUCE_MAX', groupBy: bySubscription },
    },
    {
      title: 'Messages that wait',
      filter: `${subscription} AND metric.type="pubsub.googleapis.com/subscription/num_undelivered_messages"`,
      ...{ aligner: 'ALIGN_MAX', reducer: 'REDUCE_SUM', groupBy: bySubscription },
    },
    {
      title: 'Bytes published a second',
      filter: `resource.type="pubsub_topic" AND resource.labels.topic_id=starts_with("${prefix}-") AND metric.type="pubsub.googleapis.com/topic/byte_cost"`,
      ...{ aligner: 'ALIGN_RATE', reducer: 'REDUCE_SUM', groupBy: 'resource.label."topic_id"' },
    },
    {
      title: 'Calls a second',
      filter: `${service} AND metric.type="run.googleapis.com/request_count"`,
      ...{ aligner: 'ALIGN_RATE', reducer: 'REDUCE_SUM', groupBy: byService },
    },
    {
      title: 'Latency of calls, 95 % (ms)',
      filter: `${service} AND metric.type="run.googleapis.com/request_latencies"`,
      ...{ aligner: 'ALIGN_PERCENTILE_95', reducer: 'REDUCE_MAX', groupBy: byService },
    },
    {
      title: 'Instances',
      filter: `${service} AND metric.type="run.googleapis.com/container/instance_count"`,
      ...{ aligner: 'ALIGN_MAX', reducer: 'REDUCE_SUM', groupBy: byService },
    },
    {
      title: 'Window timers that wait',
      filter: `resource.type="cloud_tasks_queue" AND resource.labels.queue_id=starts_with("${prefix}-") AND metric.type="cloudtasks.googleapis.com/queue/depth"`,
      ...{ aligner: 'ALIGN_MAX', reducer: 'REDUCE_SUM', groupBy: 'resource.label."queue_id"' },
    },
    {
      title: 'Errors that functions log, a second',
      filter: `resource.type="cloud_run_revision" AND metric.type="logging.googleapis.com/user/${prefix}-errors"`,
      ...{ aligner: 'ALIGN_RATE', reducer: 'REDUCE_SUM', groupBy: 'metric.label."function"' },
    },
  ];
}
