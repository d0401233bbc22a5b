/**
 * How long a person waits for pages that have much to show: a project of 10,000 keys, each of them used all through a
 * year. A real browser on the real house; medians of some rounds. `npm run bench:dashboard [keys] [rounds]`.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Client } from 'pg';
import { chromium } from 'playwright-core';
import { findChromium } from '../scripts/chromium.mjs';
import { buildDashboard } from '../scripts/start/build-dashboard.mjs';
import { OWNER, openHouse } from './edge/house.mjs';
import { freePort } from './edge/processes.mjs';

const KEYS = Number(process.argv[2] ?? 10_000);
const ROUNDS = Number(process.argv[3] ?? 5);
const USES = 30;
const BATCH = 500;
const DAY = 86_400_000;
const MODELS = ['gpt-4.1', 'gpt-4o-mini', 'claude-sonnet-4-5', 'o4-mini'];

const say = (/** @type {string} */ line) => process.stdout.write(`${line}\n`);
await buildDashboard(fileURLToPath(new URL('..', import.meta.url)));
const home = mkdtempSync(join(tmpdir(), 'keyward-dashboard-'));
const report = (/** @type {string} */ line) => process.stderr.write(`${line}\n`);
const house = await openHouse({ origin: `http://127.0.0.1:${await freePort()}`, home, report });
const browser = await chromium.launch({ executablePath: findChromium(), args: ['--no-sandbox'] });
const db = new Client({ connectionString: house.postgresUrl });
db.on('error', () => {});
try {
  await db.connect();
  await fill();
  const page = await browser.newPage({ baseURL: house.url, viewport: { width: 1440, height: 900 } });
  page.setDefaultTimeout(60_000);
  await signIn(page);
  /** @type {Map<string, number[]>} */
  const waits = new Map();
  // One round to warm up, not counted.
  for (let round = 0; round <= ROUNDS; round++)
    for (const [name, milliseconds] of await looked(page))
      if (round > 0) waits.set(name, [...(waits.get(name) ?? []), milliseconds]);
  say(`\n${KEYS} keys, ${KEYS * USES} requests in a year, ${ROUNDS} rounds\n`);
  say('| what one waits for | median ms | longest |\n|---|---|---|');
  for (const [name, all] of waits) {
    const sorted = all.toSorted((a, b) => a - b);
    say(`| ${name} | ${sorted[sorted.length >> 1]?.toFixed(0)} | ${sorted.at(-1)?.toFixed(0)} |`);
  }
} finally {
  await browser.close();
  await db.end();
  await house.close();
  rmSync(home, { recursive: true, force: true });
}

/** Keys straight into the database, and a year of them by the way that gateways take. */
async function fill() {
  const { insertKeys } = await import('./keys.mjs');
  const { newId } = await import('#domain/id');
  const { connectBus } = await import('#rpc/connect');
  const { publishUsage } = await import('#rpc/usage-stream');
  await insertKeys({ postgresUrl: house.postgresUrl, secret: house.secret, count: KEYS });
  const { rows } = await db.query(
    `SELECT k.id AS key_id, s.id AS secret_id, k.organization_id, k.project_id
     FROM keys.api_key k JOIN keys.key_secret s ON s.key_id = k.id ORDER BY k.id`,
  );
  const id = () => newId('request', Date.now(), randomBytes(10));
  const bus = await connectBus({ url: house.natsUrl, name: 'gateway', log: { info() {}, warn() {}, error() {} } });
  const now = Date.now();
  const all = rows.length * USES;
  let batches = 0;
  for (let from = 0; from < all; from += BATCH, batches++) {
    const events = Array.from({ length: Math.min(BATCH, all - from) }, (_, index) => {
      const at = from + index;
      return {
        ...{ request_id: id(), kind: /** @type {const} */ ('final'), ...rows[at % rows.length] },
        at: new Date(now - ((at * 7919) % 364) * DAY - (at % 900) * 60_000).toISOString(),
        ...{ endpoint: '/v1/chat/completions', model: MODELS[at % 4], served_model: MODELS[at % 4], stream: true },
        ...{ provider: at % 4 === 2 ? 'anthropic' : 'openai', outcome: /** @type {const} */ ('ok'), status: 200 },
        ...{ input_tokens: 900, cached_input_tokens: 300, output_tokens: 300, currency: 'USD' },
        ...{ cost_nanos: String(1_000_000 + ((at * 104_729) % 90_000_000)), duration_ms: 900, first_byte_ms: 200 },
      };
    });
    await publishUsage(bus, randomUUID(), { events });
  }
  await bus.close();
  const written = async () => Number((await db.query('SELECT count(*) AS n FROM usage.usage_batch')).rows[0].n);
  while ((await written()) < batches) await sleep(100);
  await db.query('ANALYZE');
}

/** @param {import('playwright-core').Page} page */
async function signIn(page) {
  await page.goto('/keys');
  await page.getByLabel('E-mail').fill(OWNER.email);
  await page.getByLabel('Password', { exact: true }).fill(OWNER.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { name: 'API Keys' }).waitFor();
}

/** Every wait of a round: what it was for, and how long it was. @param {import('playwright-core').Page} page */
async function looked(page) {
  /** @type {[string, number][]} */
  const waits = [];
  const timed = async (/** @type {string} */ name, /** @type {() => Promise<unknown>} */ wait) => {
    const from = performance.now();
    await wait();
    waits.push([name, performance.now() - from]);
  };
  const rows = page.locator('tbody tr');
  const first = page.locator('tbody tr a').first();
  const changed = async (/** @type {() => Promise<unknown>} */ act) => {
    const before = await first.innerText();
    await act();
    await first.filter({ hasNotText: before }).waitFor();
  };
  await timed('the list of keys, opened anew', async () => {
    await page.goto('/keys');
    await rows.nth(49).waitFor();
  });
  await timed('keys: the next page', () => changed(() => page.getByRole('button', { name: 'Next page' }).click()));
  await timed('keys: by another column', () => changed(() => page.getByRole('button', { name: 'Name' }).click()));
  const name = await rows.nth(7).locator('a').first().innerText();
  await timed('keys: found by a part of the name (0.25 s of it is the pause after typing)', async () => {
    await page.getByRole('searchbox', { name: 'Search keys' }).fill(name.slice(-12));
    await rows.nth(1).waitFor({ state: 'detached' });
  });
  const key = await first.getAttribute('href');
  await timed('a key, opened anew', async () => {
    await page.goto(key ?? '/keys');
    await page
      .getByRole('region', { name: 'Spend by model' })
      .locator('.recharts-bar-rectangle path')
      .first()
      .waitFor();
  });
  for (const by of ['model', 'key'])
    await timed(`a year of usage by ${by}, opened anew`, async () => {
      await page.goto(`/usage?range=1y&by=${by}`);
      await page.locator('.recharts-area-area').first().waitFor();
      await page
        .getByRole('region', { name: `Usage by ${by}` })
        .getByRole('row')
        .nth(2)
        .waitFor();
    });
  waits.push(['a year by key, scrolled to its end: the longest frame', await longestFrame(page)]);
  await timed('the log of requests, opened anew', async () => {
    await page.goto('/requests');
    await rows.nth(40).waitFor();
  });
  return waits;
}

/** @param {import('playwright-core').Page} page @returns {Promise<number>} */
function longestFrame(page) {
  return page.evaluate(`new Promise((done) => {
    const pixels = document.documentElement.scrollHeight / 200;
    let longest = 0;
    let last;
    let step = 0;
    requestAnimationFrame(function frame(now) {
      if (last !== undefined) longest = Math.max(longest, now - last);
      last = now;
      if (step++ === 200) return done(longest);
      window.scrollTo(0, step * pixels);
      requestAnimationFrame(frame);
    });
  })`);
}
