import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { launch, needsChromium, noChromium, open } from './chromium.ts';
import { entriesOf, entryAt } from './fixture/entries.ts';
import { type Fixture, startFixture } from './fixture/server.ts';

describe.skipIf(noChromium)(`finding and watching entries${needsChromium}`, () => {
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

  it('a search finds what holds the words, marks them, and a link to it finds the same', async () => {
    const { page } = await at('/explore');
    await page.getByLabel('Search entries').fill('refused');
    await page.keyboard.press('Enter');
    await page.getByText('1,400 entries').waitFor();
    await page.locator('.entry mark').first().waitFor();
    expect(await page.locator('.entry mark').allTextContents()).toContain('refused');
    await page.getByRole('group', { name: 'Service' }).getByText('payment').click();
    await page.getByRole('button', { name: 'Remove the filter service payment' }).waitFor();
    const link = page.url();
    expect(new URL(link).searchParams.getAll('service')).toEqual(['payment']);
    const { page: other } = await at(link.slice(fixture.url.length));
    await other.getByText('1,400 entries').waitFor();
    expect(await other.getByLabel('Search entries').inputValue()).toBe('refused');
    await page.getByRole('button', { name: 'Remove the filter service payment' }).click();
    await page.waitForURL((url) => url.searchParams.getAll('service').length === 0);
    await page.goBack();
    await page.getByRole('button', { name: 'Remove the filter service payment' }).waitFor();
  });

  it('an entry opens with its fields, the lines around it, and its trace', async () => {
    const { page } = await at('/explore');
    await page.locator('.virtual-row').nth(8).click();
    const detail = page.getByRole('complementary', { name: 'Entry' });
    await detail.getByText('connection to 10.0.3.8:5432 refused after 3 attempts').first().waitFor();
    await detail.getByText('build.commit').waitFor();
    await detail.getByRole('button', { name: 'Lines around' }).click();
    await detail.locator('.context-line[aria-current]').waitFor();
    expect(await detail.locator('.context-line').count()).toBeGreaterThan(15);
    await detail.getByRole('button', { name: 'Trace (4)' }).click();
    await expect.poll(() => detail.locator('.context-line').count()).toBe(4);
    await page.keyboard.press('Escape');
    await detail.waitFor({ state: 'detached' });
  });

  it('all of it works from the keyboard', async () => {
    const { page } = await at('/');
    await page.getByText('51.8 % errors').first().waitFor();
    await page.keyboard.type('ge');
    await page.locator('.virtual-row').first().waitFor();
    await page.keyboard.press('/');
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('search');
    await page.keyboard.press('Tab');
    await page.getByRole('listbox').focus();
    await page.keyboard.type('jj');
    await page.keyboard.press('Enter');
    await page.getByRole('complementary', { name: 'Entry' }).getByText('user u1 signed in').first().waitFor();
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keys' }).getByText('Next entry').waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.type('ga');
    await page.getByText('Likely origin').waitFor();
  });

  it('the live tail shows what comes within a second, and gaps in their place', async () => {
    const { page } = await at('/explore?live=1');
    await expect.poll(() => fixture.tails()).toBe(1);
    const before = Date.now();
    fixture.tail([{ ...entryAt(1, Date.now()), insert_id: 'new-1', message: 'the first live line' }]);
    await page.getByText('the first live line').waitFor();
    expect(Date.now() - before).toBeLessThan(3000);
    fixture.gap({ dropped: 1234, from: '2026-11-21T14:00:00Z', to: '2026-11-21T14:00:05Z' });
    fixture.tail([{ ...entryAt(2, Date.now()), insert_id: 'new-2', message: 'the line after the gap' }], 41);
    await page.getByText('1,234 entries not sent').waitFor();
    await page.getByText('a sample is shown, 40 left out').waitFor();
    const order = await page.locator('.virtual-row').allTextContents();
    expect(order.map((text) => /after the gap|not sent|first live/.exec(text)?.[0])).toEqual([
      'after the gap',
      'not sent',
      'first live',
    ]);
  });

  it('the live tail stands still under the pointer, counts what waits, and goes on', async () => {
    const { page } = await at('/explore?live=1');
    await expect.poll(() => fixture.tails()).toBe(1);
    fixture.tail([{ ...entryAt(1, Date.now()), insert_id: 'new-1', message: 'one' }]);
    await page.locator('.virtual-row').first().hover();
    await page.getByText('stands still').waitFor();
    fixture.tail([{ ...entryAt(2, Date.now()), insert_id: 'new-2', message: 'two' }]);
    await page.getByText('stands still, 1 wait').waitFor();
    expect(await page.locator('.virtual-row').count()).toBe(1);
    await page.mouse.move(5, 5);
    await expect.poll(() => page.locator('.virtual-row').count()).toBe(2);
  });

  it('the live tail comes back after a broken connection', async () => {
    const { page } = await at('/explore?live=1');
    await expect.poll(() => fixture.tails()).toBe(1);
    fixture.tail([{ ...entryAt(1, Date.now()), insert_id: 'new-1', message: 'before the break' }]);
    await page.getByText('before the break').waitFor();
    fixture.cut();
    await page.getByText('connection lost, trying again').waitFor();
    await expect.poll(() => fixture.tails()).toBe(1);
    fixture.tail([{ ...entryAt(2, Date.now()), insert_id: 'new-2', message: 'after the break' }]);
    await page.getByText('after the break').waitFor();
    await page.getByText('Connection lost').waitFor();
  });

  it('5,000 lines a second leave the page quick and its document small', async () => {
    const { page } = await at('/explore?live=1');
    await expect.poll(() => fixture.tails()).toBe(1);
    let index = 0;
    for (let turn = 0; turn < 30; turn++) {
      fixture.tail(
        Array.from({ length: 500 }, () => ({
          ...entryAt(index % 500, Date.now()),
          insert_id: `many-${index++}`,
        })),
      );
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    await page.getByText('15,000 came').waitFor();
    await page.getByText('a sample is shown').waitFor();
    expect(await page.locator('.virtual-row').count()).toBeLessThan(120);
    const asked = Date.now();
    await page.getByRole('button', { name: 'Stop' }).click();
    expect(Date.now() - asked).toBeLessThan(2000);
  });

  it('any number of entries scroll, and few are in the document', async () => {
    fixture.world.entries = entriesOf(100_000, Date.now());
    const { page } = await at('/explore?last=30d');
    await page.getByText('200 of 100,000 shown').waitFor();
    for (const shown of ['1,200 of', '2,200 of', '3,200 of']) {
      await page.getByRole('listbox').press('End');
      await page.getByText(shown).waitFor();
    }
    expect(await page.locator('.virtual-row').count()).toBeLessThan(120);
  });

  it('hostile text in a message, a service, a label is text', async () => {
    const hostile = '<img src=x onerror="window.broken=1"><script>window.broken=1</script>';
    fixture.world.entries = [
      {
        ...entryAt(0, Date.now()),
        message: `${hostile} \u202Egnp.exe`,
        service: hostile,
        pattern_id: hostile,
        labels: { [hostile]: { toString: hostile, __proto__x: '\u200B' } },
        trace_id: hostile,
      },
    ];
    fixture.world.services = [hostile];
    const { page, complaints } = await at('/explore');
    await page.locator('.virtual-row').first().click();
    await page.getByRole('complementary', { name: 'Entry' }).getByText('⟨202E⟩gnp.exe').first().waitFor();
    await page.goto(fixture.url);
    await page.getByText(hostile).first().waitFor();
    await page.locator('a.card').first().click();
    await page.getByRole('heading', { level: 1 }).getByText(hostile).waitFor();
    expect(decodeURIComponent(new URL(page.url()).pathname)).toBe(`/services/${hostile}`);
    expect(await page.evaluate(() => (window as unknown as { broken?: number }).broken)).toBeUndefined();
    expect(await page.locator('#app img[src="x"], #app script').count()).toBe(0);
    expect(complaints).toEqual([]);
  });

  it('what was found is saved as a file, for those who may', async () => {
    const { page } = await at('/explore', { context: { acceptDownloads: true } });
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'CSV' }).click(),
    ]);
    expect(download.suggestedFilename()).toMatch(/^logweir-.*\.csv$/);
    const { page: viewer } = await at('/explore', { token: 'viewer' });
    await viewer.getByText('viewer', { exact: true }).waitFor();
    expect(await viewer.getByRole('button', { name: 'CSV' }).isDisabled()).toBe(true);
    expect(await viewer.getByRole('button', { name: 'CSV' }).getAttribute('title')).toContain('analyst');
  });
});
