import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, jest } from '@jest/globals';
import { type Browser, chromium, type Page } from 'playwright-core';
import { findChromium } from '../../scripts/chromium.mjs';
import { type Stack, startStack } from '../stack.js';

const require = createRequire(import.meta.url);
const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const PICTURES = resolve('.keyward/screenshots');
/** Optimizing, and threads and processes beside, pay off for what runs for long: a story takes a third less of the processor without. */
const FLAGS = [
  '--no-sandbox',
  '--disable-dev-shm-usage',
  '--js-flags=--no-maglev,--no-opt,--single-threaded',
  '--in-process-gpu',
];
/** For a page on a machine that has much else to do; on any other, nobody waits. */
const PATIENCE_MILLISECONDS = 20_000;
const STORY_MILLISECONDS = 90_000;

export interface House {
  readonly stack: Stack;
  /** A window of its own: no cookies, nothing remembered of whoever was here before. */
  visit(options?: { width?: number; height?: number }): Promise<Page>;
  /** A window of somebody who has signed in; the owner, where nobody is named. One that stays is there for all stories. */
  enter(path: string, options?: { cookie?: string; width?: number; height?: number; stays?: boolean }): Promise<Page>;
}

/**
 * The whole house and a browser, for one file of stories. After each of them, whatever a page complained of fails it:
 * an error in a script, a violated Content-Security-Policy, a request to another place.
 */
export function openHouse(options: Parameters<typeof startStack>[0] = {}): House {
  jest.setTimeout(STORY_MILLISECONDS);
  let stack: Stack | undefined;
  let browser: Browser | undefined;
  const taken: Page[] = [];
  const free: Page[] = [];
  let complaints: string[] = [];

  beforeAll(async () => {
    const executablePath = findChromium();
    if (!executablePath) throw new Error('There is no Chromium here: `node scripts/chromium.mjs` says more.');
    // One of them waits for servers while the other one is busy.
    await Promise.all([
      chromium.launch({ executablePath, args: FLAGS }).then((launched) => {
        browser = launched;
      }),
      startStack(options).then((started) => {
        stack = started;
      }),
    ]);
  });
  afterEach(async () => {
    // Swept for the next story, and not thrown away: a window that has compiled the dashboard once opens it five times faster.
    free.push(...(await Promise.all(taken.splice(0).map(swept))).filter((page) => page !== null));
    const said = complaints;
    complaints = [];
    expect(said).toEqual([]);
  });
  afterAll(async () => {
    await browser?.close();
    await stack?.stop();
  });

  const visit: House['visit'] = async ({ width = 1440, height = 900 } = {}) => {
    if (!browser || !stack) throw new Error('the house is not open yet');
    const home = stack.url;
    const page = free.pop() ?? (await newWindow(browser, home));
    taken.push(page);
    await page.setViewportSize({ width, height });
    page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
    page.on('console', (message) => {
      // A refusal is an answer; what a page makes of it is for the story to look at.
      if (message.type() === 'error' && !/Failed to load resource/.test(message.text()))
        complaints.push(`console: ${message.text()}`);
    });
    page.on('request', (request) => {
      if (!request.url().startsWith(home)) complaints.push(`asked elsewhere: ${request.url()}`);
    });
    return page;
  };
  return {
    get stack() {
      if (!stack) throw new Error('the house is not open yet');
      return stack;
    },
    visit,
    enter: async (path, { cookie, stays = false, ...size } = {}) => {
      const page = await visit(size);
      if (stays) taken.splice(taken.indexOf(page), 1);
      const { url, admin } = stack as Stack;
      const value = (cookie ?? admin.cookie).replace(/^token=/, '');
      await page
        .context()
        .addCookies([{ name: 'token', value, url: `${url}/api`, httpOnly: true, sameSite: 'Strict' }]);
      await page.goto(path);
      return page;
    },
  };
}

/** To another page of the dashboard, as by one of its links: nothing is loaded twice. */
export async function goWithin(page: Page, path: string): Promise<void> {
  await page.evaluate(`history.pushState(null, '', ${JSON.stringify(path)})`);
}

async function newWindow(browser: Browser, baseURL: string): Promise<Page> {
  const permissions = ['clipboard-read', 'clipboard-write'];
  const context = await browser.newContext({ reducedMotion: 'reduce', permissions, baseURL });
  context.setDefaultTimeout(PATIENCE_MILLISECONDS);
  return context.newPage();
}

/** Of what was here there is nothing left but the files that everybody gets; null where the window can't be used again. */
async function swept(page: Page): Promise<Page | null> {
  const context = page.context();
  try {
    page.removeAllListeners();
    await page.unrouteAll({ behavior: 'ignoreErrors' });
    // Still a page of ours: one from nowhere would take the next story to another process, which knows nothing.
    await page.goto('/favicon.svg');
    await page.evaluate('localStorage.clear(); sessionStorage.clear()');
    await page.emulateMedia({ colorScheme: 'light' });
    await context.setOffline(false);
    await context.clearCookies();
    return page;
  } catch {
    await context.close();
    return null;
  }
}

/** A picture of what is there now, for people to look at. */
export async function picture(page: Page, name: string): Promise<void> {
  mkdirSync(PICTURES, { recursive: true });
  await page.screenshot({ path: join(PICTURES, `${name}.png`) });
}

interface Violation {
  readonly id: string;
  readonly help: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
}

/** What axe finds wrong with the page as it stands: WCAG 2.2 A and AA, and its best practices. */
export async function accessibilityOf(page: Page): Promise<string[]> {
  if (!(await page.evaluate('"axe" in window'))) await page.evaluate(AXE);
  const found = (await page.evaluate('axe.run(document, { resultTypes: ["violations"] })')) as {
    violations: Violation[];
  };
  return found.violations.map(
    ({ id, help, nodes }) =>
      `${id}: ${help}\n${nodes.map(({ html, failureSummary }) => `  ${html.slice(0, 200)}\n  ${failureSummary}`).join('\n')}`,
  );
}
