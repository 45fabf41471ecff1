import { nullable, required, type Table } from './table.ts';

/** A row of predictions: what one model, the rules or the verdict said of a window. */
export interface PredictionRow {
  readonly service: string;
  /** µs since the epoch. */
  readonly window_start: number;
  readonly model: 'forest' | 'lstm' | 'bert' | 'rules' | 'verdict';
  readonly model_version: string | null;
  readonly revision: number;
  /** µs since the epoch. */
  readonly predicted_at: number;
  readonly score: number | null;
  readonly threshold: number | null;
  readonly positive: boolean;
  readonly horizon_s: number | null;
  readonly category: string | null;
  readonly decided_by: 'model' | 'fallback';
  /** Text of a JSON object. */
  readonly explanation: string | null;
}

/** `predictions`, upserted by service, window and model; the highest revision of the window stands. */
export const predictions: Table<PredictionRow> = {
  name: 'predictions',
  columns: [
    required('service', 'STRING', (p) => p.service),
    required('window_start', 'TIMESTAMP', (p) => p.window_start),
    required('model', 'STRING', (p) => p.model),
    nullable('model_version', 'STRING', (p) => p.model_version),
    required('revision', 'INT64', (p) => p.revision),
    required('predicted_at', 'TIMESTAMP', (p) => p.predicted_at),
    nullable('score', 'FLOAT64', (p) => p.score),
    nullable('threshold', 'FLOAT64', (p) => p.threshold),
    required('positive', 'BOOL', (p) => p.positive),
    nullable('horizon_s', 'INT64', (p) => p.horizon_s),
    nullable('category', 'STRING', (p) => p.category),
    required('decided_by', 'STRING', (p) => p.decided_by),
    nullable('explanation', 'JSON', (p) => p.explanation),
  ],
  upsert: { sequence: (p) => p.revision },
};
