import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { launch, needsChromium, noChromium, open } from './chromium.ts';
import { incidentOf } from './fixture/health.ts';
import { type Fixture, startFixture } from './fixture/server.ts';

describe.skipIf(noChromium)(`what people do on the page${needsChromium}`, () => {
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

  it('an incident appears while somebody watches', async () => {
    fixture.world.incidents = [];
    const { page } = await at('/');
    await page.getByText('No incidents').waitFor();
    fixture.world.incidents = [incidentOf('i-9', Date.now(), 'auth')];
    await page.locator('.incident-line').getByText('auth').waitFor({ timeout: 5000 });
    await page.getByTitle('1 open incidents').waitFor();
    await page.locator('.incident-line a').click();
    await page.waitForURL('**/alerts/alert-i-9');
  });

  it('an incident is acknowledged, silenced, and called noise', async () => {
    const { page } = await at('/alerts');
    const incident = page.getByRole('article', { name: 'Incident of payment' });
    await incident.getByRole('button', { name: 'Acknowledge' }).click();
    await incident.getByText('taken by fixture admin').waitFor();
    await incident.getByRole('button', { name: 'Silence…' }).click();
    await page.getByLabel('Rule').fill('');
    await page.getByLabel(/^For/).selectOption('8 hours');
    await page.getByRole('dialog').getByRole('button', { name: 'Silence', exact: true }).click();
    await page.getByText('Silenced.').waitFor();
    await incident.getByRole('button', { name: 'Noise' }).click();
    await page.getByText('Noted as noise.').waitFor();
    expect(fixture.posted).toEqual([
      { method: 'POST', path: '/incidents/i-1/acknowledge', body: {} },
      {
        method: 'POST',
        path: '/silences',
        body: { match: { service: 'payment' }, for_ms: 28_800_000, comment: '' },
      },
      {
        method: 'POST',
        path: '/feedback',
        body: { kind: 'noise', service: 'payment', alert_id: 'alert-i-1' },
      },
    ]);
  });

  it('a link of a message asks before it does anything', async () => {
    const { page } = await at('/alerts/alert-i-1?feedback=useful');
    await page.getByRole('dialog', { name: 'Was it useful?' }).waitFor();
    expect(fixture.posted).toEqual([]);
    await page.getByRole('dialog').getByRole('button', { name: 'Useful' }).click();
    await page.getByText('Noted as useful.').waitFor();
    expect(fixture.posted).toEqual([
      {
        method: 'POST',
        path: '/feedback',
        body: { kind: 'useful', service: 'payment', alert_id: 'alert-i-1' },
      },
    ]);
    await page
      .getByRole('dialog')
      .getByRole('button', { name: 'Cancel' })
      .or(page.getByRole('dialog').getByText('Close', { exact: true }))
      .last()
      .click();
    await page.waitForURL((url) => url.search === '');
    await page.goto(`${fixture.url}/alerts/alert-i-1?silence`);
    await page.getByRole('dialog', { name: 'Silence alerts' }).waitFor();
    expect(fixture.posted).toHaveLength(1);
  });

  it('a missed window and a verdict of the queue become feedback', async () => {
    const { page } = await at('/services/payment');
    await page.getByRole('button', { name: 'Missed' }).first().click();
    await page.getByText('Noted as missed.').waitFor();
    await page.goto(`${fixture.url}/models`);
    await page
      .getByRole('group', { name: 'Feedback queue' })
      .getByRole('button', { name: 'Useful' })
      .first()
      .click();
    await page.getByText('Noted as useful.').waitFor();
    expect(fixture.posted.map(({ body }) => (body as { kind: string }).kind)).toEqual(['missed', 'useful']);
  });

  it('a token that is refused is asked for; the new one stays out of every address', async () => {
    const { page, asked } = await at('/', { token: 'expired-token' });
    const dialog = page.getByRole('dialog', { name: 'Token' });
    await dialog.getByText('The token is not valid any more.').waitFor();
    expect(page.url()).not.toContain('expired-token');
    await dialog.getByLabel('Token').fill(' admin ');
    await dialog.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('51.8 % errors').first().waitFor();
    expect(
      asked.filter((url) => /token|admin/.test(url.replace(`${fixture.url}/#token=expired-token`, ''))),
    ).toEqual([]);
    await page.reload();
    await page.getByText('51.8 % errors').first().waitFor();
  });

  it('a role sees why it may not do something', async () => {
    const { page } = await at('/alerts', { token: 'viewer' });
    const acknowledge = page.getByRole('button', { name: 'Acknowledge' });
    await acknowledge.waitFor();
    expect(await acknowledge.isDisabled()).toBe(true);
    await expect.poll(() => acknowledge.getAttribute('title')).toBe('This needs the role operator.');
    await page.goto(`${fixture.url}/sql`);
    await page.getByText('SQL is not for this role').waitFor();
    await page.goto(`${fixture.url}/pipeline`);
    await page.getByText('Raw bytes may hold anything.').waitFor();
    await page.goto(`${fixture.url}/models`);
    expect(await page.getByRole('button', { name: 'Promote…' }).isDisabled()).toBe(true);
  });

  it('SQL is completed, run, shown as a table of 100,000 rows and as a chart', async () => {
    const { page } = await at('/sql');
    const editor = page.getByLabel('SQL');
    await editor.fill('');
    await editor.pressSequentially('SELECT serv');
    await page.getByRole('option').first().waitFor();
    await page.getByText('recent_logs').first().waitFor({ state: 'attached' });
    await page.keyboard.press('Escape');
    await editor.fill('SELECT l. FROM recent_logs AS l LIMIT 100000');
    await editor.evaluate((area: HTMLTextAreaElement) => area.setSelectionRange(9, 9));
    await editor.press('Control+ ');
    await page.getByRole('option', { name: 'severity column' }).click();
    expect(await editor.inputValue()).toBe('SELECT l.severity FROM recent_logs AS l LIMIT 100000');
    await editor.press('Control+Enter');
    await page.getByText('100,000 rows').waitFor();
    await page.getByText('1.2 MB scanned').waitFor();
    expect(await page.getByRole('row').count()).toBeLessThan(80);
    await page.getByRole('table', { name: 'Rows' }).press('End');
    await page.getByText('message 99999').waitFor();
    await page.getByRole('button', { name: 'Chart' }).click();
    await page.getByRole('img', { name: /Result over time/ }).waitFor();
  });

  it('a dead letter shows its bytes and is tried again', async () => {
    const { page } = await at('/pipeline');
    await page
      .getByRole('group', { name: 'Dead letters' })
      .getByRole('button', { name: 'Bytes' })
      .first()
      .click();
    const dialog = page.getByRole('dialog', { name: 'Dead letter' });
    await dialog.getByText('It is no UTF-8').waitFor();
    await dialog.getByRole('button', { name: 'Bytes' }).click();
    await dialog.getByText('00000000  1f 8b 08 00 7b 22 61 22 3a ff').waitFor();
    await dialog.getByRole('button', { name: 'Retry' }).click();
    await page.getByText('Published again.').waitFor();
    expect(fixture.posted.map(({ path }) => path)).toEqual(['/dead-letters/d-0/retry']);
  });

  it('a candidate is promoted only after a second word', async () => {
    const { page } = await at('/models');
    await page.getByRole('button', { name: 'Promote…' }).click();
    expect(fixture.posted).toEqual([]);
    await page.getByRole('dialog').getByRole('button', { name: 'Promote' }).click();
    await page.getByText('The candidate is being promoted.').waitFor();
    expect(fixture.posted.map(({ path }) => path)).toEqual(['/models/promote']);
  });
});
