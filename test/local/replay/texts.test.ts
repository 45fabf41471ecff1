import { describe, expect, it } from 'vitest';
import { planLines, progressLine, reportLines } from '../../../local/replay/texts.ts';

const span = { fromMs: Date.UTC(2026, 10, 20, 10), toMs: Date.UTC(2026, 10, 20, 11) };

describe('what a replay says', () => {
  it('while it runs is a bar, files, entries and speed', () => {
    const progress = { filesDone: 1, files: 4, bytesDone: 512, bytes: 1024, entries: 5000 };
    expect(progressLine(progress, 2000)).toBe(
      `${'█'.repeat(12)}${'░'.repeat(12)} 50 %  1/4 files, 512 B, 5,000 entries, 2,500/s`,
    );
  });

  it('at the end names what was left alone, and the damaged files', () => {
    const lines = reportLines(
      {
        span,
        read: { files: 2, bytes: 2048, messages: 3, records: 1000, entries: 990, dead: 10, refused: 0 },
        duplicates: 1,
        written: { windows: 360, rows: 720, open: 1, short: 2 },
        restored: 5,
        damaged: [{ file: 'raw/a.avro', why: 'not an Avro file' }],
      },
      500,
    );
    expect(lines.join('\n')).toBe(`replayed  2026-11-20T10:00:00.000Z to 2026-11-20T11:00:00.000Z
read      2 files (2.0 KiB), 3 messages, 1,000 lines, 2,000 lines/s
entries   990; 10 dead letters, 0 refused by BigQuery; 1 repeated batch dropped
windows   360 written in 720 rows; 1 window not over yet; 2 windows left alone, because the archive holds less of them than was counted
rows      5 missing in log_entries, appended
damaged   raw/a.avro, left out: not an Avro file
in 0.5 s`);
  });

  it('instead of running says what it would read, and what is an estimate', () => {
    const plan = { span, files: 60, bytes: 6_000_000, windows: 360, standing: 300, damaged: [] };
    expect(planLines({ ...plan, messages: 1200, sampled: 16 })[1]).toBe(
      'would read    60 files (5.7 MiB), about 1,200 messages (counted in 16)',
    );
    expect(planLines({ ...plan, messages: 1200, sampled: 60 })[1]).toBe(
      'would read    60 files (5.7 MiB), 1,200 messages',
    );
  });
});
