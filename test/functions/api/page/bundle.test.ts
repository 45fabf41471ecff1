import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { bundlePage, type PageBundle } from '../../../../functions/api/page/bundle.ts';

describe('the bundle of the page', () => {
  let bundle: PageBundle;
  beforeAll(async () => {
    bundle = await bundlePage();
  });

  it('is at most 150 KB, compressed, all views together', () => {
    const bytes = [...bundle.files.values()].map(({ body }) => gzipSync(body).length);
    expect(bytes.reduce((sum, size) => sum + size, 0)).toBeLessThan(150_000);
  });

  it('has nothing inline and asks nobody else for anything', () => {
    const html = Buffer.from(bundle.files.get('/index.html')!.body).toString();
    expect(html).not.toContain('{{');
    expect(html).not.toMatch(/<script(?![^>]*src=)|<style|style=|\son\w+=|https?:/);
    const named = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path]) => path!);
    expect(named.length).toBeGreaterThanOrEqual(4);
    for (const path of named) expect(bundle.files.has(path), path).toBe(true);
  });

  it('keeps for ever only what has its hash in its name, and is the same each time', async () => {
    for (const [path, { immutable, type }] of bundle.files) {
      expect(immutable, path).toBe(/^\/assets\/.+-[A-Z0-9]{8}\.(js|css)$/.test(path));
      expect(type, path).not.toBe('application/octet-stream');
    }
    const again = await bundlePage();
    expect([...again.files].map(([path, { etag }]) => [path, etag])).toEqual(
      [...bundle.files].map(([path, { etag }]) => [path, etag]),
    );
  });
});
