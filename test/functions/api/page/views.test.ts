import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { launch, needsChromium, noChromium, open, violations } from './chromium.ts';
import { type Fixture, startFixture } from './fixture/server.ts';

/** Views with a text that shows that their data came. */
const VIEWS: readonly (readonly [path: string, text: string])[] = [
  ['/', '51.8 % errors'],
  ['/services', '5 services, worst first'],
  ['/services/payment', 'before the alert'],
  ['/explore', '14,000 entries'],
  ['/explore?group=pattern', 'cache hit for key'],
  ['/explore?entry=e-4&at=2026-11-21T14:00:00Z', 'a1b2c3d'],
  ['/alerts', 'Likely origin'],
  ['/alerts?tab=history', 'error_spike'],
  ['/alerts/alert-i-1', 'More errors than five times'],
  ['/alerts/alert-i-1?silence', 'nobody is told'],
  ['/sql', 'would scan 1.2 MB'],
  ['/models', 'Brier score 0.0123'],
  ['/pipeline', '$1.87'],
  ['/experiments?run=x-0&run=x-2', 'Compared'],
];

describe.skipIf(noChromium)(`every view of the page${needsChromium}`, () => {
  let browser: Browser;
  let fixture: Fixture;
  beforeAll(async () => {
    [browser, fixture] = await Promise.all([launch(), startFixture()]);
  });
  afterEach(async () => {
    fixture.reset();
    await Promise.all(browser.contexts().map((context) => context.close()));
  });
  afterAll(async () => {
    await browser?.close();
    await fixture?.close();
  });
  const at = (path: string, more: object = {}) => open({ browser, url: fixture.url, path, ...more });

  it('shows its data, and breaks no rule of WCAG 2.2 AA in either theme', async () => {
    // axe is put in from outside, which the policy forbids.
    const { page } = await at('/', { context: { bypassCSP: true } });
    const found: Record<string, string[]> = {};
    for (const [path, text] of VIEWS) {
      await page.goto(fixture.url + path);
      await page.getByText(text).first().waitFor();
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        const broken = await violations(page);
        if (broken.length > 0) found[`${path} ${colorScheme}`] = broken;
      }
    }
    expect(found).toEqual({});
    // Axe is the work of a minute where others compute too.
  }, 300_000);

  it('fits a phone of 360 pixels without scrolling sideways, and obeys its own policy', async () => {
    const { page, complaints } = await at('/', { context: { viewport: { width: 360, height: 740 } } });
    const wide: string[] = [];
    for (const [path, text] of VIEWS) {
      await page.goto(fixture.url + path);
      await page.getByText(text).first().waitFor({ state: 'attached' });
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      if (width > 360) wide.push(`${path}: ${width}`);
    }
    expect(wide).toEqual([]);
    expect(complaints).toEqual([]);
  });

  it.each([
    ['/', 'No service wrote in the last hour'],
    ['/explore', 'Nothing found'],
    ['/alerts', 'No incidents'],
  ])('says what to do when there is nothing yet: %s', async (path, text) => {
    Object.assign(fixture.world, { entries: [], services: [], incidents: [] });
    const { page } = await at(path);
    await page.getByText(text).first().waitFor();
  });

  it.each([
    ['/explore', '/logs'],
    ['/pipeline', '/pipeline'],
    ['/services/payment', '/windows'],
  ])('says what failed, with what to quote, and asks again: %s', async (path, broken) => {
    fixture.fail.set(broken, 503);
    const { page } = await at(path);
    await page.getByText('The warehouse did not answer in time.').first().waitFor();
    await page.getByText('Request req-1').first().waitFor();
    fixture.fail.clear();
    await page.getByRole('button', { name: 'Try again' }).first().click();
    await page.getByText('The warehouse did not answer in time.').first().waitFor({ state: 'detached' });
  });

  it('keeps the place of what is still to come, so that nothing jumps', async () => {
    for (const path of ['/logs/stats', '/services', '/incidents']) fixture.hang.add(path);
    const { page } = await at('/');
    await page.getByRole('status', { name: 'Loading' }).first().waitFor();
    fixture.reset();
    const { page: whole } = await at('/');
    await whole.getByText('51.8 % errors').first().waitFor();
    const shifted = await whole.evaluate(
      () =>
        new Promise<number>((resolve) => {
          let sum = 0;
          new PerformanceObserver((list) => {
            for (const entry of list.getEntries()) sum += (entry as unknown as { value: number }).value;
          }).observe({ type: 'layout-shift', buffered: true });
          requestAnimationFrame(() => requestAnimationFrame(() => resolve(sum)));
        }),
    );
    // Below 0.1 is "good" by web.dev/cls.
    expect(shifted).toBeLessThan(0.1);
  });

  it('shows times in the zone of who looks, and UTC on hover', async () => {
    const { page } = await at('/explore', { context: { timezoneId: 'Asia/Tokyo' } });
    const time = page.locator('.entry time').first();
    await time.waitFor();
    const iso = (await time.getAttribute('datetime'))!;
    const tokyo = new Date(Date.parse(iso) + 9 * 3_600_000).toISOString().slice(11, 23);
    expect(await time.textContent()).toBe(tokyo);
    expect(await time.getAttribute('title')).toBe(`${iso.slice(0, -1).replace('T', ' ')} UTC`);
  });

  it('remembers the theme that was chosen', async () => {
    const { page } = await at('/');
    await page.getByRole('button', { name: 'Light theme' }).click();
    await page.reload();
    await page.getByRole('button', { name: 'Dark theme' }).waitFor();
    expect(await page.evaluate(() => getComputedStyle(document.body.parentElement!).backgroundColor)).toBe(
      'rgb(245, 246, 248)',
    );
  });
});
