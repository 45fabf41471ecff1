/**
 * What the function needs beside its code, in one file of its bundle: the page, the saved queries, the tables with their
 * columns. Written when the function is bundled (assets-bundle.ts); without the file there is none of it.
 */
import { readFile } from 'node:fs/promises';
import type { SavedQuery, SqlSchema } from './schema/sql.ts';

export const ASSETS_FILE = 'api-assets.json';

export interface PageFile {
  readonly body: string;
  /** Whether the body is base64 of bytes; else it is text. */
  readonly base64: boolean;
  readonly type: string;
  readonly etag: string;
  /** Its name changes with its content. */
  readonly immutable: boolean;
}

/** What a day costs at a load, by component. */
export interface CostPoint {
  readonly gb_per_day: number;
  readonly usd_per_day: Readonly<Record<string, number>>;
}

/** Loads in order. */
export interface CostTable {
  readonly prices_as_of: string;
  readonly points: readonly CostPoint[];
}

export interface Assets {
  /** By path, such as /index.html. */
  readonly page: Readonly<Record<string, PageFile>>;
  readonly queries: readonly SavedQuery[];
  /** Tables, views and functions; views without their columns. */
  readonly schema: SqlSchema['items'];
  /** null: no prices were at hand when it was bundled. */
  readonly cost: CostTable | null;
}

export const NO_ASSETS: Assets = { page: {}, queries: [], schema: [], cost: null };

/** Reads the file beside the bundle. */
export async function readAssets(folder: URL): Promise<Assets> {
  try {
    return JSON.parse(await readFile(new URL(ASSETS_FILE, folder), 'utf8')) as Assets;
  } catch (error) {
    if ((error as { readonly code?: unknown }).code === 'ENOENT') return NO_ASSETS;
    throw error;
  }
}
