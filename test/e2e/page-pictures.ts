/**
 * The pictures of the page for the README, of a laptop that runs: `npm start`, wait until the demo has an incident (some ten
 * minutes), then give the link that it printed, with its token.
 *
 *     npx tsx test/e2e/page-pictures.ts 'http://127.0.0.1:8700/#token=…' [FOLDER]
 *
 * Needs Chromium: /usr/bin/chromium, or its path in CHROMIUM.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { launch, open } from '../functions/api/page/chromium.ts';

const link = new URL(process.argv[2] ?? 'http://127.0.0.1:8700/');
const folder = process.argv[3] ?? 'functions/api/page/pictures';
const token = new URLSearchParams(link.hash.slice(1)).get('token');
/** A picture in a repository is to be small. */
const MOST_BYTES = 150_000;

interface Shot {
  readonly name: string;
  readonly path: string;
  readonly theme?: 'light' | 'dark';
  /** Views full of text are smaller, so that the file is. */
  readonly size?: readonly [width: number, height: number];
  readonly prepare?: (page: Page) => Promise<unknown>;
}

const SHOTS: readonly Shot[] = [
  { name: 'overview', path: '/?last=15m' },
  { name: 'overview-light', path: '/?last=15m', theme: 'light' },
  { name: 'service', path: '/services/payment?last=15m' },
  {
    name: 'explore',
    size: [1280, 560],
    path: '/explore?last=15m&min_severity=ERROR',
    prepare: async (page) => {
      await page.locator('.virtual-row').nth(3).click();
      await page
        .getByRole('complementary', { name: 'Entry' })
        .getByText('Labels')
        .waitFor({ timeout: 3000 })
        .catch(() => {});
    },
  },
  { name: 'alerts', path: '/alerts', size: [1280, 620] },
  {
    name: 'sql',
    size: [1280, 700],
    path: `/sql?query=${encodeURIComponent("SELECT window_start, service, error_rate\nFROM recent_windows\nWHERE job = 'service_health'\nORDER BY window_start")}`,
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Run' }).click();
      await page.getByRole('button', { name: 'Chart' }).click();
    },
  },
  { name: 'models', path: '/models' },
  { name: 'pipeline', path: '/pipeline' },
];

const browser = await launch();
try {
  await mkdir(folder, { recursive: true });
  for (const { name, path, theme = 'dark', size: [width, height] = [1400, 760], prepare } of SHOTS) {
    const { page } = await open({
      browser,
      url: link.origin,
      path,
      token,
      context: { colorScheme: theme, viewport: { width, height } },
    });
    await page.locator('.panel, .search').first().waitFor();
    await prepare?.(page);
    // A live figure needs some seconds to be one.
    await page.waitForTimeout(path.startsWith('/?') ? 20_000 : 4000);
    const picture = await page.screenshot();
    if (picture.length > MOST_BYTES)
      console.error(`${name}: ${picture.length} bytes are more than ${MOST_BYTES}`);
    await writeFile(join(folder, `${name}.png`), picture);
    console.log(`${name}.png ${picture.length} bytes`);
    await page.context().close();
  }
} finally {
  await browser.close();
}
