import { required, type Table } from './table.ts';

/** What people or pipelines say of a service at a time. */
export interface NoteRow {
  readonly noteId: string;
  readonly service: string;
  readonly kind: 'deployment' | 'note';
  readonly text: string;
  readonly by: string;
  readonly atMs: number;
}

/** `notes`, appended; the same note given twice has one note_id. */
export const notes: Table<NoteRow> = {
  name: 'notes',
  columns: [
    required('note_id', 'STRING', (n) => n.noteId),
    required('happened_at', 'TIMESTAMP', (n) => n.atMs * 1000),
    required('service', 'STRING', (n) => n.service),
    required('kind', 'STRING', (n) => n.kind),
    required('text', 'STRING', (n) => n.text),
    required('noted_by', 'STRING', (n) => n.by),
  ],
};
