/**
 * The page as files: sources → hashed, minified, split bundle. Runs where it is built (the laptop at start, the
 * deployment before it uploads). Guarantees: no inline script or style, so that
 * `script-src 'self'; style-src 'self'` holds; all but index.html and the icon may be cached for ever.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type OutputFile } from 'esbuild';

export interface PageFile {
  readonly body: Uint8Array;
  /** Content-Type. */
  readonly type: string;
  readonly etag: string;
  /** Its name has its hash: `Cache-Control: public, max-age=31536000, immutable`; else `no-cache`. */
  readonly immutable: boolean;
}

export interface PageBundle {
  /** By path: `/index.html`, `/icon.svg`, `/assets/main-HASH.js`. */
  readonly files: Map<string, PageFile>;
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

export const pageFile = (path: string, body: Uint8Array): PageFile => ({
  body,
  type: TYPES[extname(path)] ?? 'application/octet-stream',
  etag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`,
  immutable: path.startsWith('/assets/'),
});

/** Where the sources lie, as long as this file has not been bundled itself. */
const SOURCES = fileURLToPath(new URL('.', import.meta.url));

/** Builds the page; keys of `files` are paths of URLs: `/index.html`, `/assets/main-HASH.js`. */
export async function bundlePage(sources: string = SOURCES): Promise<PageBundle> {
  const { outputFiles } = await build({
    entryPoints: { main: 'main.tsx', style: 'theme/style.css', boot: 'theme/boot.ts' },
    absWorkingDir: sources,
    outdir: '/page',
    write: false,
    bundle: true,
    splitting: true,
    format: 'esm',
    minify: true,
    target: ['es2022', 'chrome111', 'firefox115', 'safari16.4'],
    jsx: 'automatic',
    jsxImportSource: 'preact',
    entryNames: 'assets/[name]-[hash]',
    chunkNames: 'assets/[name]-[hash]',
    logLevel: 'silent',
    // The page's own settings: the project's tsconfig.json knows nothing of where it runs.
    tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true } },
  });
  const files = new Map(
    outputFiles.map(({ path, contents }) => {
      const url = path.slice(path.indexOf('/assets/'));
      return [url, pageFile(url, contents)] as const;
    }),
  );
  const html = indexOf(await readFile(join(sources, 'index.html'), 'utf8'), outputFiles);
  files.set('/index.html', pageFile('/index.html', Buffer.from(html)));
  files.set('/icon.svg', pageFile('/icon.svg', await readFile(join(sources, 'icon.svg'))));
  return { files };
}

/** index.html with the names that the files got. */
function indexOf(template: string, outputs: readonly OutputFile[]): string {
  return template.replace(/\{\{(main|style|boot)\.(js|css)\}\}/g, (_, name: string, kind: string) => {
    const found = outputs.find(({ path }) => path.includes(`/${name}-`) && path.endsWith(`.${kind}`));
    if (found === undefined) throw new Error(`the bundle has no ${name}.${kind}`);
    return found.path.slice(found.path.indexOf('/assets/'));
  });
}
