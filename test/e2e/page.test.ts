/** The page of the laptop cloud in Chromium: from a line that is published to what a person sees and does. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launch, needsChromium, noChromium, open } from '../functions/api/page/chromium.ts';
import { CASCADE_ALERTS, playCascade } from './cascade.ts';
import { type Laptop, startLaptop, until } from './laptop.ts';
import { tokenFor } from './page-token.ts';

describe.skipIf(noChromium)(`the page on the laptop cloud${needsChromium}`, () => {
  let laptop: Laptop;
  let browser: Browser;
  let url: string;
  beforeAll(async () => {
    [laptop, browser] = await Promise.all([
      startLaptop({ settings: { LOGWEIR_ALERTS: CASCADE_ALERTS } }),
      launch(),
    ]);
    url = laptop.cloud.endpoints.page;
  });
  afterAll(async () => {
    await browser?.close();
    await laptop?.close();
  });
  const at = async (path: string): Promise<{ page: Page; complaints: string[] }> =>
    open({ browser, url, path, token: await tokenFor(laptop, 'admin') });
  const publish = (message: string, more: object = {}): Promise<string> =>
    laptop.publish(
      Buffer.from(
        JSON.stringify({
          timestamp: new Date().toISOString(),
          service: 'shop',
          severity: 'ERROR',
          message,
          ...more,
        }),
      ),
    );

  it('a line that is published is on the page within seconds, whatever it holds', async () => {
    const { page, complaints } = await at('/explore?live=1');
    await page.getByText('live', { exact: true }).waitFor();
    const hostile = '<img src=x onerror="window.broken=1">';
    await publish(`order ${hostile} failed`, { service: hostile, trace_id: 'trace-of-the-test' });
    await page.locator('.entry-message').getByText(`order ${hostile} failed`).waitFor();
    await page.locator('.virtual-row').first().click();
    await page.getByRole('complementary', { name: 'Entry' }).getByText('trace-of-the-test').waitFor();
    expect(await page.evaluate(() => (window as unknown as { broken?: number }).broken)).toBeUndefined();
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('a search finds it, and says so when there is nothing', async () => {
    await publish('the needle of the haystack');
    await laptop.quiet();
    const { page } = await at('/explore?q=needle');
    await page.locator('.entry-message mark').getByText('needle').waitFor();
    await page.getByLabel('Search entries').fill('nowhere to be found');
    await page.keyboard.press('Enter');
    await page.getByText('Nothing found').waitFor();
    await page.context().close();
  });

  it('an incident appears while somebody watches; it is acknowledged and called useful', async () => {
    const { page, complaints } = await at('/');
    await page.getByText('No incidents').waitFor();
    const played = playCascade(laptop);
    // What fails first is told.
    played.catch(() => {});
    await page.locator('.incident-line').getByText('payment').waitFor({ timeout: 90_000 });
    await page.locator('.incident-line a').first().click();
    await page.getByRole('heading', { name: 'Evidence' }).waitFor({ timeout: 30_000 });
    await page.getByRole('button', { name: 'Acknowledge' }).click();
    await page.getByText('Acknowledged.').waitFor();
    await page.getByRole('button', { name: 'Useful' }).click();
    await page.getByText('Noted as useful.').waitFor();
    await until(
      async () => (await laptop.query("SELECT 1 FROM feedback WHERE kind = 'useful'")).length === 1,
    );
    await page.goto(`${url}/services/payment?last=15m`);
    await page.getByRole('img', { name: /^Latency quantiles, / }).waitFor();
    await page.goto(`${url}/sql`);
    await page.getByRole('button', { name: 'Run' }).click();
    await page.getByRole('table', { name: 'Rows' }).getByText('payment').first().waitFor();
    for (const path of ['/models', '/pipeline', '/experiments', '/services', '/alerts?tab=history']) {
      await page.goto(url + path);
      await page.locator('.panel, .card').first().waitFor();
      await page.locator('.waiting').first().waitFor({ state: 'detached' });
      expect(await page.locator('.failure').count(), path).toBe(0);
    }
    expect(complaints).toEqual([]);
    await played;
    await page.context().close();
  });

  it('a forged token is refused, and asked for', async () => {
    const { page } = await open({ browser, url, token: `${await tokenFor(laptop, 'admin')}x` });
    await page.getByRole('dialog', { name: 'Token' }).waitFor();
    await page.getByRole('textbox', { name: 'Token' }).fill(await tokenFor(laptop, 'viewer'));
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('button', { name: /Signed in as a viewer/ }).waitFor();
    await page.context().close();
  });
});
