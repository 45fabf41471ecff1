/**
 * Incidents → rows of `demo_incidents`, one each, written when the first sign shows: its end is known by then.
 * Guarantee: once per incident, also over restarts: a generator that starts in the middle of one asks first.
 * Under pressure: what could not be written is tried again with the next call; nothing waits for it.
 */
import type { BigQuery } from '@google-cloud/bigquery';
import { errorFields, log } from '../../functions/log.ts';
import { ERROR } from '../../functions/parse/severity.ts';
import { firstSignMs, type Incident } from './incident.ts';

export const TRUTH_TABLE = 'demo_incidents';

/** A row, as insertAll takes it. */
export function truthRow(incident: Incident, seed: number): Readonly<Record<string, unknown>> {
  const { id, kind, affected, precursorMs, startMs, endMs } = incident;
  const names = affected.map(({ name }) => name);
  return {
    incident_id: id,
    kind,
    service: names[0],
    affected: names,
    precursor_at: precursorMs === null ? null : isoTime(precursorMs),
    started_at: isoTime(startMs),
    ended_at: isoTime(endMs),
    seed,
  };
}

const isoTime = (ms: number): string => new Date(ms).toISOString();

export interface TruthOptions {
  readonly client: BigQuery;
  readonly dataset: string;
  readonly seed: number;
  /** When the generator was started: of what had begun before, a row may be there. */
  readonly startMs: number;
}

export class Truth {
  readonly #options: TruthOptions;
  readonly #known = new Set<string>();
  #waiting: Incident[] = [];
  #writing: Promise<void> | null = null;

  constructor(options: TruthOptions) {
    this.#options = options;
  }

  /** Sees to it that these are written; those that it was told of before are left out. */
  tell(incidents: readonly Incident[]): void {
    for (const incident of incidents) {
      if (this.#known.has(incident.id)) continue;
      this.#known.add(incident.id);
      this.#waiting.push(incident);
    }
    if (this.#waiting.length > 0) this.#writing ??= this.#write();
  }

  /** Resolves when what is being written is written, or could not be. */
  async settle(): Promise<void> {
    await this.#writing;
  }

  async #write(): Promise<void> {
    const { client, dataset, seed } = this.#options;
    const incidents = this.#waiting;
    this.#waiting = [];
    try {
      const written = await this.#alreadyWritten(incidents);
      const rows = incidents
        .filter(({ id }) => !written.has(id))
        .map((incident) => ({ insertId: incident.id, json: truthRow(incident, seed) }));
      if (rows.length > 0) await client.dataset(dataset).table(TRUTH_TABLE).insert(rows, { raw: true });
    } catch (error) {
      this.#waiting.push(...incidents);
      log(ERROR, 'generator', 'truth not written, to be tried again', errorFields(error));
    } finally {
      this.#writing = null;
    }
  }

  async #alreadyWritten(incidents: readonly Incident[]): Promise<Set<string>> {
    const { client, dataset, startMs } = this.#options;
    const old = incidents.filter((incident) => firstSignMs(incident) < startMs);
    if (old.length === 0) return new Set();
    const [rows] = await client.query({
      query: `SELECT incident_id FROM ${TRUTH_TABLE} WHERE incident_id IN UNNEST(@ids)`,
      params: { ids: old.map(({ id }) => id) },
      defaultDataset: { datasetId: dataset },
    });
    return new Set((rows as { incident_id: string }[]).map(({ incident_id }) => incident_id));
  }
}
