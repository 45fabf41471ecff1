import type { PatternRow } from '../parse/pattern/pattern-rows.ts';
import { nullable, repeated, required, type Table } from './table.ts';

/** `patterns`, upserted by pattern; what was counted later stands. */
export const patternTable: Table<PatternRow & { readonly category?: string | null }> = {
  name: 'patterns',
  columns: [
    required('pattern_id', 'STRING', (p) => p.pattern_id),
    required('template', 'STRING', (p) => p.template),
    nullable('merged_into', 'STRING', (p) => p.merged_into),
    required('learned', 'BOOL', (p) => p.learned),
    nullable('first_revision', 'INT64', (p) => p.first_revision),
    required('first_seen', 'TIMESTAMP', (p) => p.first_seen),
    required('last_seen', 'TIMESTAMP', (p) => p.last_seen),
    required('entries', 'INT64', (p) => p.entries),
    repeated('services', 'STRING', (p) => p.services),
    required('severity_number', 'INT64', (p) => p.severity_number),
    required('example', 'STRING', (p) => p.example),
    required('is_new', 'BOOL', (p) => p.is_new),
    required('is_rare', 'BOOL', (p) => p.is_rare),
    nullable('category', 'STRING', (p) => p.category),
    required('counted_until', 'TIMESTAMP', (p) => p.counted_until),
    required('updated_at', 'TIMESTAMP', (p) => p.updated_at),
  ],
  upsert: { sequence: (p) => Math.floor(p.counted_until / 1000) },
};
