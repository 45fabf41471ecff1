/**
 * Links that open a Looker Studio report on our views, by its Linking API: the report is the reader's own and reads
 * with the reader's rights; nothing is stored until they save it. One data source a link.
 * Source: https://developers.google.com/looker-studio/integrate/linking-api
 */
const CREATE = 'https://lookerstudio.google.com/reporting/create';

/** Views that reports are made of; all bring their own time range or are roll-ups. */
export const REPORTS: readonly { readonly view: string; readonly title: string }[] = [
  { view: 'service_health', title: 'Service health' },
  { view: 'service_hours', title: 'Services by hour' },
  { view: 'error_budget', title: 'Error budgets' },
  { view: 'failures', title: 'Failures' },
  { view: 'successes', title: 'Successes' },
  { view: 'transactions', title: 'Transactions' },
  { view: 'functional', title: 'Functional view' },
  { view: 'top_patterns', title: 'Top patterns' },
  { view: 'new_patterns', title: 'New patterns' },
  { view: 'incident_timeline', title: 'Incident timeline' },
  { view: 'alert_noise', title: 'Alert noise' },
  { view: 'prediction_quality', title: 'Prediction quality' },
  { view: 'pipeline_lag', title: 'Pipeline lag' },
  { view: 'cost_per_service', title: 'Cost per service' },
];

export interface ReportPlace {
  readonly projectId: string;
  readonly dataset: string;
  /** Project that pays for the report's queries; default: `projectId`. */
  readonly billingProjectId?: string;
}

/** The link of one view. */
export function reportLink(view: string, title: string, place: ReportPlace): string {
  const parameters = {
    'c.mode': 'edit',
    'r.reportName': `Logweir: ${title}`,
    'ds.connector': 'bigQuery',
    'ds.type': 'TABLE',
    'ds.projectId': place.projectId,
    'ds.datasetId': place.dataset,
    'ds.tableId': view,
    'ds.billingProjectId': place.billingProjectId ?? place.projectId,
    'ds.datasourceName': `${place.dataset}.${view}`,
  };
  return `${CREATE}?${String(new URLSearchParams(parameters)).replaceAll('+', '%20')}`;
}

/** All of them, a title and a link each. */
export const reportLinks = (place: ReportPlace): string =>
  REPORTS.map(({ view, title }) => `${title}\n  ${reportLink(view, title, place)}`).join('\n');
