import type { BigQuery } from '@google-cloud/bigquery';
import { expect, it } from 'vitest';
import { createGenerator } from '../../../local/generator/generator.ts';
import type { Incident } from '../../../local/generator/incident.ts';
import { Truth, truthRow } from '../../../local/generator/truth.ts';

const START_MS = Date.UTC(2026, 10, 20, 10);

const incidentsOf = (...kinds: readonly Incident['kind'][]): Incident[] => {
  const generator = createGenerator({ seed: 7, rate: 1, incidentEveryMs: 0 });
  return kinds.map((kind, i) => generator.add({ kind, service: 'user', atMs: START_MS + i * 3_600_000 }));
};

/** A warehouse that holds these ids and can be broken. */
function stub(ids: string[] = []) {
  const state = { broken: false, asked: 0, inserted: [] as unknown[] };
  const client = {
    query: async () => {
      state.asked++;
      return [ids.map((incident_id) => ({ incident_id }))];
    },
    dataset: () => ({
      table: () => ({
        insert: async (rows: { insertId: string }[]) => {
          if (state.broken) throw new Error('no');
          state.inserted.push(...rows.map(({ insertId }) => insertId));
        },
      }),
    }),
  };
  return { state, client: client as unknown as BigQuery };
}

it('an incident is a row with its true times', () => {
  const [silent, creep] = incidentsOf('silent_service', 'latency_creep');
  expect(truthRow(silent!, 7)).toMatchObject({
    kind: 'silent_service',
    service: 'user',
    affected: ['user'],
    precursor_at: null,
    started_at: '2026-11-20T10:00:00.000Z',
    seed: 7,
  });
  expect(truthRow(creep!, 7)).toMatchObject({ precursor_at: '2026-11-20T11:00:00.000Z' });
});

it('is written once, however often it is told of', async () => {
  const { client, state } = stub();
  const truth = new Truth({ client, dataset: 'd', seed: 7, startMs: START_MS });
  const incidents = incidentsOf('error_burst');
  truth.tell(incidents);
  await truth.settle();
  truth.tell(incidents);
  await truth.settle();
  expect(state).toMatchObject({ inserted: [incidents[0]!.id], asked: 0 });
});

it('is not written again by a generator that starts in the middle of it', async () => {
  const incidents = incidentsOf('error_burst', 'silent_service');
  const { client, state } = stub([incidents[0]!.id]);
  const truth = new Truth({ client, dataset: 'd', seed: 7, startMs: START_MS + 1000 });
  truth.tell(incidents);
  await truth.settle();
  expect(state.inserted).toEqual([incidents[1]!.id]);
});

it('is written later where it cannot be at once', async () => {
  const { client, state } = stub();
  const truth = new Truth({ client, dataset: 'd', seed: 7, startMs: START_MS });
  state.broken = true;
  const incidents = incidentsOf('error_burst');
  truth.tell(incidents);
  await truth.settle();
  state.broken = false;
  truth.tell([]);
  await truth.settle();
  expect(state.inserted).toEqual([incidents[0]!.id]);
});
