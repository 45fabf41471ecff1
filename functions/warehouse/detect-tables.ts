/** The tables beside `predictions` that detection writes: feedback, drift reports, the registry of models. */
import { nullable, required, type Table } from './table.ts';

/** A row of feedback. */
export interface Feedback {
  readonly feedbackId: string;
  readonly givenAtMs: number;
  readonly givenBy: string;
  readonly kind: 'useful' | 'noise' | 'missed';
  readonly service: string;
  /** Window that it is about; null: of all of an alert. */
  readonly windowStartMs: number | null;
  readonly alertId: string | null;
  readonly category: string | null;
  readonly note: string | null;
}

/** Appended; the same feedback given twice has one feedback_id. */
export const feedbackTable: Table<Feedback> = {
  name: 'feedback',
  columns: [
    required('feedback_id', 'STRING', (f) => f.feedbackId),
    required('given_at', 'TIMESTAMP', (f) => f.givenAtMs * 1000),
    required('given_by', 'STRING', (f) => f.givenBy),
    required('kind', 'STRING', (f) => f.kind),
    required('service', 'STRING', (f) => f.service),
    nullable('window_start', 'TIMESTAMP', (f) => (f.windowStartMs === null ? null : f.windowStartMs * 1000)),
    nullable('alert_id', 'STRING', (f) => f.alertId),
    nullable('category', 'STRING', (f) => f.category),
    nullable('note', 'STRING', (f) => f.note),
  ],
};

/** A row of drift_reports. */
export interface DriftRow {
  readonly reportId: string;
  readonly reportedAtMs: number;
  readonly modelVersion: string;
  /** forest for the features: they are what it sees; the model for its score. */
  readonly model: string;
  /** Name of the feature, or score. */
  readonly feature: string;
  readonly statistic: number;
  readonly pValue: number;
  readonly significance: number;
  readonly drifted: boolean;
  readonly referenceRows: number;
  readonly currentRows: number;
}

export const driftReports: Table<DriftRow> = {
  name: 'drift_reports',
  columns: [
    required('report_id', 'STRING', (d) => d.reportId),
    required('reported_at', 'TIMESTAMP', (d) => d.reportedAtMs * 1000),
    required('model', 'STRING', (d) => d.model),
    required('model_version', 'STRING', (d) => d.modelVersion),
    required('feature', 'STRING', (d) => d.feature),
    required('statistic', 'FLOAT64', (d) => d.statistic),
    required('p_value', 'FLOAT64', (d) => d.pValue),
    required('significance', 'FLOAT64', (d) => d.significance),
    required('drifted', 'BOOL', (d) => d.drifted),
    required('reference_rows', 'INT64', (d) => d.referenceRows),
    required('current_rows', 'INT64', (d) => d.currentRows),
  ],
};

/** A row of model_versions. */
export interface ModelVersionRow {
  readonly model: string;
  readonly version: string;
  readonly trainedAtMs: number;
  readonly state: 'candidate' | 'canary' | 'serving' | 'retired' | 'refused';
  readonly changedAtMs: number;
  readonly trafficPercent: number;
  readonly artifact: string;
  readonly sha256: string;
  readonly seed: number;
  /** Text of a JSON value. */
  readonly metrics: string;
  /** Markdown. */
  readonly card: string;
}

/** Upserted by model and version; what changed last stands. */
export const modelVersions: Table<ModelVersionRow> = {
  name: 'model_versions',
  columns: [
    required('model', 'STRING', (m) => m.model),
    required('version', 'STRING', (m) => m.version),
    required('trained_at', 'TIMESTAMP', (m) => m.trainedAtMs * 1000),
    required('state', 'STRING', (m) => m.state),
    required('changed_at', 'TIMESTAMP', (m) => m.changedAtMs * 1000),
    required('traffic_percent', 'INT64', (m) => m.trafficPercent),
    required('artifact', 'STRING', (m) => m.artifact),
    required('sha256', 'STRING', (m) => m.sha256),
    required('seed', 'INT64', (m) => m.seed),
    required('metrics', 'JSON', (m) => m.metrics),
    required('card', 'STRING', (m) => m.card),
  ],
  upsert: { sequence: (m) => m.changedAtMs },
};
