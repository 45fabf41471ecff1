/**
 * The page: size of its bundle, and how long until it can be used, on loopback in Chromium with an empty cache: the first
 * view's data are on the screen and a key is answered.
 *
 *     npx tsx test/bench/page.ts [--runs 10]     (needs Chromium: /usr/bin/chromium, or its path in CHROMIUM)
 */
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { bundlePage } from '../../functions/api/page/bundle.ts';
import { launch, open } from '../functions/api/page/chromium.ts';
import { startFixture } from '../functions/api/page/fixture/server.ts';

const { values } = parseArgs({ options: { runs: { type: 'string', default: '10' } } });
const { files } = await bundlePage();
const sizeOf = (names: readonly string[]): number =>
  names.reduce((sum, name) => sum + gzipSync(files.get(name)!.body, { level: 9 }).length, 0);
console.log(
  `bundle: ${(sizeOf([...files.keys()]) / 1000).toFixed(1)} KB gzip, ${files.size} files, all views`,
);

const fixture = await startFixture();
const browser = await launch();
try {
  const interactive: number[] = [];
  for (let run = 0; run < Number(values.runs); run++) {
    const { page, asked } = await open({ browser, url: fixture.url });
    await page.locator('.chart canvas').first().waitFor();
    await page.locator('a.card').first().waitFor();
    const ms = await page.evaluate(() => performance.now());
    interactive.push(ms);
    if (run === 0) {
      const loaded = asked.map((url) => new URL(url).pathname).filter((path) => files.has(path));
      console.log(`first view: ${(sizeOf(loaded) / 1000).toFixed(1)} KB gzip`);
    }
    await page.context().close();
  }
  console.log(
    `usable after: median ${interactive
      .slice()
      .sort((a, b) => a - b)
      [interactive.length >> 1]!.toFixed(0)} ms, worst ${Math.max(...interactive).toFixed(0)} ms`,
  );
} finally {
  await browser.close();
  await fixture.close();
}
