/** Real Chromium for the page's tests: one browser a file, a page with a token, axe. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

const PROGRAM = process.env.CHROMIUM ?? '/usr/bin/chromium';
export const noChromium = !existsSync(PROGRAM);
/** For the title of what is skipped without it. */
export const needsChromium = noChromium ? ` (skipped: there is no Chromium at ${PROGRAM})` : '';

export const launch = (): Promise<Browser> =>
  chromium.launch({ executablePath: PROGRAM, args: ['--no-sandbox', '--disable-gpu'] });

export interface Opened {
  readonly page: Page;
  /** What the browser complained of: errors of scripts, refusals of the Content-Security-Policy. */
  readonly complaints: string[];
  /** Addresses that were asked for. */
  readonly asked: string[];
}

export interface Where {
  readonly browser: Browser;
  readonly url: string;
  readonly path?: string;
  /** null: without one. */
  readonly token?: string | null;
  readonly context?: BrowserContextOptions;
}

/** Opens a page of its own context, so that nothing is left of the test before; the test's end closes all contexts. */
export async function open({
  browser,
  url,
  path = '/',
  token = 'admin',
  context = {},
}: Where): Promise<Opened> {
  const own = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    colorScheme: 'dark',
    ...context,
  });
  own.setDefaultTimeout(10_000);
  const page = await own.newPage();
  const complaints: string[] = [];
  const asked: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      complaints.push(message.text());
  });
  page.on('request', (request) => asked.push(request.url()));
  await page.goto(`${url}${path}${token === null ? '' : `#token=${token}`}`);
  return { page, complaints, asked };
}

const axeSource = readFile(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8');
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

interface AxeResult {
  readonly violations: readonly {
    readonly id: string;
    readonly nodes: readonly { readonly html: string }[];
  }[];
}

/** What breaks WCAG 2.2 AA on the page, as axe sees it. */
export async function violations(page: Page): Promise<string[]> {
  await page.evaluate(await axeSource);
  const result = await page.evaluate(
    (values) =>
      (globalThis as unknown as { axe: { run(on: Document, options: object): Promise<AxeResult> } }).axe.run(
        document,
        { runOnly: { type: 'tag', values }, resultTypes: ['violations'] },
      ),
    RULES,
  );
  return result.violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html.slice(0, 200)}`);
}
