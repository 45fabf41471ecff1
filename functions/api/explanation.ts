/** Explanations of verdicts, as the API shows them: parsed from their JSON, with the templates of patterns. Pure. */
import { z } from 'zod';
import type { Explanation } from './schema/windows.ts';

const number = z
  .number()
  .nullish()
  .transform((value) => value ?? null);
const text = z
  .string()
  .nullish()
  .transform((value) => value ?? null);

/** As functions/detect/judgement.ts writes it; rows of older versions may lack parts. */
const stored = z.object({
  summary: z.string().default(''),
  findings: z
    .array(
      z.object({
        rule: z.string(),
        weight: z.number().catch(0),
        measure: z.string().default(''),
        unit: z.string().default(''),
        now: number,
        usual: number,
        summary: z.string().default(''),
      }),
    )
    .default([]),
  measures: z
    .array(z.object({ name: z.string(), unit: z.string().default(''), now: number, usual: number }))
    .default([]),
  patterns: z
    .array(
      z.object({
        patternId: z.string(),
        entries: z.number(),
        isNew: z.boolean().default(false),
        category: text,
      }),
    )
    .default([]),
  samples: z
    .array(
      z.object({
        time: z.string(),
        severity: z.string(),
        message: z.string(),
        patternId: text,
        traceId: text,
      }),
    )
    .default([]),
});

/** null: there is none, or it is none that can be read. */
export function explanationOf(
  json: string | null,
  templates: ReadonlyMap<string, string> = new Map(),
): Explanation | null {
  const parsed = stored.safeParse(parsedJson(json));
  if (!parsed.success || (parsed.data.summary === '' && parsed.data.findings.length === 0)) return null;
  const { summary, findings, measures, patterns, samples } = parsed.data;
  return {
    ...{ summary, findings, measures },
    patterns: patterns.map(({ patternId, isNew, ...rest }) => ({
      pattern_id: patternId,
      template: templates.get(patternId) ?? null,
      is_new: isNew,
      ...rest,
    })),
    samples: samples.map(({ patternId, traceId, ...rest }) => ({
      ...rest,
      pattern_id: patternId,
      trace_id: traceId,
    })),
  };
}

export function parsedJson(json: string | null | undefined): unknown {
  try {
    return json === null || json === undefined ? null : JSON.parse(json);
  } catch {
    return null;
  }
}

/** Ids of patterns that explanations name. */
export const patternIdsIn = (explanations: readonly (string | null)[]): string[] => [
  ...new Set(
    explanations.flatMap((json) => {
      const parsed = stored.safeParse(parsedJson(json));
      return parsed.success ? parsed.data.patterns.map(({ patternId }) => patternId) : [];
    }),
  ),
];
