/**
 * What asks the models, wherever they run: behind Vertex AI (endpoint-models.ts) or in the function itself
 * (process-models.ts). Both answer alike: one predictor (models/serving/predictor.ts), one check of what it says.
 *
 * Guarantee: never rejects; what was not answered is null, and whoever asked decides without.
 */
import type { Kinds } from './model-answer.ts';

/** The last windows of a service, oldest first, each its features. */
export interface WindowsInstance {
  readonly service: string;
  readonly windows: readonly (readonly number[])[];
}

export interface MessageInstance {
  readonly message: string;
}

export interface Predictions<Answer> {
  /** Version of the model that answered; null: none did, or it did not say. */
  readonly version: string | null;
  /** In the order of the instances; null: not answered. */
  readonly answers: readonly (Answer | null)[];
}

export interface ModelClient {
  windows(instances: readonly WindowsInstance[]): Promise<Predictions<Kinds['windows']>>;
  messages(instances: readonly MessageInstance[]): Promise<Predictions<Kinds['message']>>;
}
