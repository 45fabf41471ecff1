/** What the endpoint answers (models/serving), checked at the border: anything else is no answer. */
import { z } from 'zod';

/** How far ahead the failure probability looks: as the model was trained (models/train/labels.ts). */
export const HORIZON_MS = 300_000;

const probability = z.number().min(0).max(1);

const windowsAnswer = z.object({
  failure: probability,
  failing: z.boolean(),
  anomaly: probability,
  anomalous: z.boolean(),
  reasons: z.array(z.string().max(100)).max(20),
  /** Above which the models themselves say failing and anomalous. */
  thresholds: z.object({ failure: probability, anomaly: probability }).optional(),
});

const messageAnswer = z.object({ category: z.string().min(1).max(100), confidence: probability });

export type WindowsAnswer = z.infer<typeof windowsAnswer>;
export type MessageAnswer = z.infer<typeof messageAnswer>;

const answer = z.object({
  modelVersionId: z.string().optional(),
  modelDisplayName: z.string().optional(),
  predictions: z.array(z.unknown()),
});

/** Why an answer is none. Its message quotes nothing of the answer, which may be anything. */
export class BadAnswer extends Error {
  override readonly name = 'BadAnswer';
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** The predictions for `count` instances of one kind. Throws BadAnswer that says what is wrong. */
export function readAnswer<K extends keyof Kinds>(
  body: unknown,
  kind: K,
  count: number,
): { readonly version: string | null; readonly predictions: Kinds[K][] } {
  const read = answer.safeParse(body);
  if (!read.success)
    throw new BadAnswer('shape', 'the endpoint answers something else than {"predictions": […]}');
  const { predictions, modelVersionId, modelDisplayName } = read.data;
  if (predictions.length !== count)
    throw new BadAnswer(
      'count',
      `the endpoint answers ${predictions.length} predictions for ${count} instances`,
    );
  const shape: z.ZodType<Kinds[K]> = KINDS[kind];
  const good = z.array(shape).safeParse(predictions);
  if (!good.success) {
    const issue = good.error.issues[0];
    throw new BadAnswer('prediction', `a prediction is not one: ${issue?.path.join('.')}: ${issue?.message}`);
  }
  return { version: versionOf(modelDisplayName, modelVersionId), predictions: good.data };
}

/** Vertex AI numbers the versions of a model itself; the name that it was uploaded with has ours. */
const versionOf = (displayName: string | undefined, versionId: string | undefined): string | null =>
  /^logweir-(.+)$/.exec(displayName ?? '')?.[1] ?? versionId ?? null;

const KINDS: { readonly [K in keyof Kinds]: z.ZodType<Kinds[K]> } = {
  windows: windowsAnswer,
  message: messageAnswer,
};

export interface Kinds {
  readonly windows: WindowsAnswer;
  readonly message: MessageAnswer;
}
