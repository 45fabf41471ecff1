/** The API's questions by name, with the types of its schemas: what the views call. */
import type {
  Alert,
  AlertDetail,
  AlertsPage,
  AlertsQuery,
  Incident,
  Incidents,
  IncidentsQuery,
  Silence,
  SilenceInput,
  Silences,
} from '../schema/alerts.ts';
import type { ExperimentDetail, Experiments } from '../schema/experiments.ts';
import type { Feedback, FeedbackBody } from '../schema/feedback.ts';
import type { LogContext, LogStats, LogsPage, LogsQuery, StatsQuery } from '../schema/logs.ts';
import type { Drift, FeedbackQueue, ModelAction, Models, Quality } from '../schema/models.ts';
import type { Patterns, PatternsQuery } from '../schema/patterns.ts';
import type {
  DeadLetterDetail,
  DeadLettersPage,
  DeadLettersQuery,
  Pipeline,
  Retried,
} from '../schema/pipeline.ts';
import type { PredictionsPage, PredictionsQuery } from '../schema/predictions.ts';
import type { Me } from '../schema/principal.ts';
import type { Note, ServiceDetail, Services } from '../schema/services.ts';
import type { RunInput, SavedQueries, SqlInput, SqlResult, SqlSchema } from '../schema/sql.ts';
import type { AnomaliesPage, AnomaliesQuery, WindowsPage, WindowsQuery } from '../schema/windows.ts';
import { askJson, type Query } from './request.ts';

export type { Alert };

const part = encodeURIComponent;
type Stop = AbortSignal | undefined;

const get = <T>(path: string, query?: object, signal?: Stop): Promise<T> =>
  askJson<T>(path, { query: query as Query | undefined, signal });
const post = <T>(path: string, body?: unknown, query?: object): Promise<T> =>
  askJson<T>(path, { method: 'POST', body: body ?? {}, query: query as Query | undefined });

export const api = {
  me: (signal?: Stop) => get<Me>('/me', undefined, signal),

  logs: (query: LogsQuery, signal?: Stop) => get<LogsPage>('/logs', query, signal),
  stats: (query: StatsQuery, signal?: Stop) => get<LogStats>('/logs/stats', query, signal),
  context: (id: string, query: { at: string; before?: number; after?: number }, signal?: Stop) =>
    get<LogContext>(`/logs/${part(id)}/context`, query, signal),

  services: (query: { q?: string; limit?: number } = {}, signal?: Stop) =>
    get<Services>('/services', query, signal),
  service: (name: string, signal?: Stop) => get<ServiceDetail>(`/services/${part(name)}`, undefined, signal),
  windows: (query: WindowsQuery, signal?: Stop) => get<WindowsPage>('/windows', query, signal),
  anomalies: (query: AnomaliesQuery, signal?: Stop) => get<AnomaliesPage>('/anomalies', query, signal),
  predictions: (query: PredictionsQuery, signal?: Stop) =>
    get<PredictionsPage>('/predictions', query, signal),
  patterns: (query: PatternsQuery, signal?: Stop) => get<Patterns>('/patterns', query, signal),
  notes: (query: { service?: string; from?: string; to?: string }, signal?: Stop) =>
    get<{ items: Note[] }>('/notes', query, signal),
  addNote: (body: { service: string; kind: Note['kind']; text: string; at?: string }) =>
    post<Note>('/notes', body),

  incidents: (query: IncidentsQuery = {}, signal?: Stop) => get<Incidents>('/incidents', query, signal),
  alerts: (query: AlertsQuery, signal?: Stop) => get<AlertsPage>('/alerts', query, signal),
  alert: (id: string, signal?: Stop) => get<AlertDetail>(`/alerts/${part(id)}`, undefined, signal),
  acknowledge: (incidentId: string) => post<Incident>(`/incidents/${part(incidentId)}/acknowledge`),
  silences: (signal?: Stop) => get<Silences>('/silences', undefined, signal),
  silence: (body: SilenceInput) => post<Silence>('/silences', body),
  unsilence: (id: string) => askJson<void>(`/silences/${part(id)}`, { method: 'DELETE' }),

  feedback: (body: FeedbackBody) => post<Feedback>('/feedback', body),
  feedbackQueue: (signal?: Stop) => get<FeedbackQueue>('/feedback/queue', undefined, signal),

  models: (signal?: Stop) => get<Models>('/models', undefined, signal),
  quality: (query: { days?: number }, signal?: Stop) => get<Quality>('/models/quality', query, signal),
  drift: (signal?: Stop) => get<Drift>('/drift', undefined, signal),
  promote: () => post<ModelAction>('/models/promote'),
  rollBack: () => post<ModelAction>('/models/roll-back'),

  experiments: (signal?: Stop) => get<Experiments>('/experiments', undefined, signal),
  experiment: (id: string, signal?: Stop) =>
    get<ExperimentDetail>(`/experiments/${part(id)}`, undefined, signal),

  pipeline: (query: { minutes?: number }, signal?: Stop) => get<Pipeline>('/pipeline', query, signal),
  deadLetters: (query: DeadLettersQuery, signal?: Stop) =>
    get<DeadLettersPage>('/dead-letters', query, signal),
  deadLetter: (id: string, at: string, signal?: Stop) =>
    get<DeadLetterDetail>(`/dead-letters/${part(id)}`, { at }, signal),
  retry: (id: string, at: string) => post<Retried>(`/dead-letters/${part(id)}/retry`, undefined, { at }),

  savedQueries: (signal?: Stop) => get<SavedQueries>('/queries', undefined, signal),
  runSaved: (name: string, body: RunInput) => post<SqlResult>(`/queries/${part(name)}/run`, body),
  sql: (body: SqlInput) => post<SqlResult>('/sql', body),
  sqlSchema: (signal?: Stop) => get<SqlSchema>('/sql/schema', undefined, signal),
};
