/**
 * A table of window cases, as read: the format of test/cases/window-cases.json. Times are ms, windows [start, end],
 * null in the place of a watermark means that there is none yet. Fields that are not listed are remarks.
 */
import { z } from 'zod';
import { inOurTime, parseWithLongs } from './long-time.ts';

const time = z.number();
const window = z.tuple([time, time]);

/** What a table says of an assigner; `type` decides what the rest means (conformance/subject.ts). */
export const assignerSpec = z.looseObject({ type: z.string() });
export type AssignerSpec = z.infer<typeof assignerSpec>;

/** A trigger by name, or with its settings. Left out: the assigner's own. */
export const triggerSpec = z.union([z.string(), z.looseObject({ type: z.string() })]);
export type TriggerSpec = z.infer<typeof triggerSpec>;

const emit = z.looseObject({
  key: z.string(),
  sum: z.number(),
  window: window.nullish(),
  ts: time.nullish(),
});
export type Emit = z.infer<typeof emit>;

const runStep = z.union([
  z.looseObject({
    element: z.looseObject({ key: z.string(), value: z.number(), ts: time }),
    emits: z.array(emit).default([]),
    late: z.boolean().nullish(),
  }),
  z.looseObject({ watermark: time.nullable(), emits: z.array(emit).default([]) }),
  z.looseObject({ restart: z.literal(true) }),
]);

const inputName = z.union([z.string(), z.number()]).transform(String);

const combineStep = z
  .looseObject({
    declare: z.array(inputName).optional(),
    input: inputName.optional(),
    watermark: time.nullish(),
    markIdle: z.boolean().optional(),
    markActive: z.boolean().optional(),
    remove: z.boolean().optional(),
    combined: time.nullable().optional(),
    idle: z.boolean().optional(),
  })
  .refine((step) => ['declare', 'input', 'combined', 'idle'].some((field) => field in step), {
    error: 'expected declare, input, combined or idle',
  });

const idleStep = z
  .looseObject({
    advanceMs: z.number().optional(),
    event: z.unknown().optional(),
    check: z.boolean().optional(),
  })
  .refine((step) => ['advanceMs', 'event', 'check'].some((field) => field in step), {
    error: 'expected advanceMs, event or check',
  });

const mergeSetStep = z.union([
  z.looseObject({ add: window, result: window, merged: z.boolean() }),
  z.looseObject({ retire: window }),
]);

const named = { id: z.string(), title: z.string().default('') };

export const windowCase = z.discriminatedUnion('kind', [
  z.looseObject({
    ...named,
    kind: z.literal('windowStart'),
    timestamp: time,
    sizeMs: time,
    offsetMs: time.default(0),
    start: time,
  }),
  z.looseObject({
    ...named,
    kind: z.literal('assign'),
    assigner: assignerSpec,
    timestamp: time,
    windows: z.array(window),
  }),
  z.looseObject({ ...named, kind: z.literal('invalid'), assigner: assignerSpec }),
  z.looseObject({
    ...named,
    kind: z.literal('merge'),
    windows: z.array(window),
    merges: z.array(z.looseObject({ into: window, from: z.array(window) })),
  }),
  z.looseObject({ ...named, kind: z.literal('mergeSet'), steps: z.array(mergeSetStep) }),
  z.looseObject({
    ...named,
    kind: z.literal('watermark'),
    maxOutOfOrdernessMs: time,
    events: z.array(time),
    expected: time.nullable(),
  }),
  z.looseObject({ ...named, kind: z.literal('idle'), timeoutMs: time, steps: z.array(idleStep) }),
  z.looseObject({ ...named, kind: z.literal('combine'), steps: z.array(combineStep) }),
  z.looseObject({
    ...named,
    kind: z.literal('run'),
    assigner: assignerSpec,
    latenessMs: time.default(0),
    trigger: triggerSpec.nullish(),
    steps: z.array(runStep),
  }),
]);
export type WindowCase = z.infer<typeof windowCase>;
export type CaseOf<Kind extends WindowCase['kind']> = Extract<WindowCase, { kind: Kind }>;

/** Kinds of cases, for messages. */
const KINDS = windowCase.options.map((option) => option.shape.kind.value);

/** A case, or why it is none. */
export type ReadCase =
  | { readonly id: string; readonly title: string; readonly case: WindowCase }
  | { readonly id: string; readonly title: string; readonly fault: string };

/** Reads a table: `{"cases": […]}` or a list. Throws an Error that says what is wrong with it as a whole. */
export function readTable(text: string): ReadCase[] {
  const table = parseWithLongs(text);
  const cases = Array.isArray(table) ? table : (table as { cases?: unknown } | null)?.cases;
  if (!Array.isArray(cases)) throw new Error('no list of cases: expected {"cases": […]} or […]');
  if (cases.length === 0) throw new Error('the list of cases is empty');
  return cases.map((one: unknown, index) => readCase(inOurTime(one), index));
}

function readCase(one: unknown, index: number): ReadCase {
  const { id = `#${index + 1}`, title = '', kind } = (one ?? {}) as Record<string, unknown>;
  const name = { id: String(id), title: String(title) };
  if (!KINDS.includes(kind as WindowCase['kind'])) {
    return { ...name, fault: `unknown kind ${JSON.stringify(kind)}; known: ${KINDS.join(', ')}` };
  }
  const read = windowCase.safeParse({ ...(one as object), ...name });
  if (read.success) return { ...name, case: read.data };
  const issues = read.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  return { ...name, fault: `malformed case: ${issues.join('; ')}` };
}
