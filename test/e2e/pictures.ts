/**
 * The pictures of the README: plays the cascade on the laptop cloud and takes what Slack and the mailbox show.
 *
 *     npx tsx test/e2e/pictures.ts [FOLDER]     (needs Chromium: /usr/bin/chromium, or its path in CHROMIUM)
 */
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { CASCADE_ALERTS, playCascade } from './cascade.ts';
import { startLaptop } from './laptop.ts';

const folder = process.argv[2] ?? 'local/alerts';
const laptop = await startLaptop({
  settings: { LOGWEIR_ALERTS: CASCADE_ALERTS, LOGWEIR_PAGE_URL: 'http://127.0.0.1:8700/' },
});
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu'],
});
try {
  console.log(`first failing line → message: ${(await playCascade(laptop)).toFixed(1)} s`);
  const page = await browser.newPage({ viewport: { width: 1400, height: 1200 } });
  await page.goto(laptop.cloud.endpoints.alerts);
  await page
    .locator('main > div:first-child article')
    .first()
    .screenshot({ path: join(folder, 'slack.png') });
  await page
    .locator('main > div:last-child article')
    .first()
    .screenshot({ path: join(folder, 'mail.png') });
} finally {
  await browser.close();
  await laptop.close();
}
