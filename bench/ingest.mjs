/**
 * How many usage events a second one worker carries from JetStream into the ledger, with its totals and buckets, against
 * a loop that only adds to counters in the same Postgres; and how fast it catches up after an outage, while gateways go on
 * telling it of new ones. `npm run bench:ingest [events] [keys]`.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Client } from 'pg';
import { startServices } from '../scripts/services.mjs';
import { build } from '../scripts/start/build.mjs';

// Its first seconds a worker takes twice as long, because nothing is compiled yet.
const EVENTS = Number(process.argv[2] ?? 300_000);
const KEYS = Number(process.argv[3] ?? 1000);
const BATCH = 500;
/** What gateways tell while it is caught up with: 2,000 a second. */
const LIVE = { everyMilliseconds: 250, perSecond: BATCH * 4 };
const OUTAGE_SECONDS = 60;

await build(fileURLToPath(new URL('..', import.meta.url)));
// Not before there is something built.
const { newId } = await import('#domain/id');
const { connectBus } = await import('#rpc/connect');
const { ensureUsageStream, publishUsage } = await import('#rpc/usage-stream');
const { start } = await import('../dist/apps/usage/src/main.js');
const dataDir = mkdtempSync(join(tmpdir(), 'keyward-ingest-'));
const unset = { KEYWARD_POSTGRES_URL: undefined, KEYWARD_NATS_URL: undefined, KEYWARD_REDIS_URL: undefined };
const services = await startServices({ dataDir, env: { ...process.env, ...unset } });
const id = (/** @type {Parameters<typeof newId>[0]} */ kind) => newId(kind, Date.now(), randomBytes(10));
const owners = { organization_id: id('organization'), project_id: id('project') };
const keys = Array.from({ length: KEYS }, () => ({ key_id: id('key'), secret_id: id('secret') }));
const log = { info() {}, warn() {}, error() {} };
let batches = 0;
try {
  const bus = await connectBus({ url: services.nats.url, name: 'gateway', log });
  await ensureUsageStream(bus);
  const db = new Client({ connectionString: services.postgres.url });
  // The server goes first where something fails; what failed is what should be read.
  db.on('error', () => {});
  await db.connect();
  const say = (/** @type {string} */ line) => process.stdout.write(`${line}\n`);
  while (batches < EVENTS / BATCH) await publish(bus);
  const raw = await countersOnly(db);
  say(`counters only: ${Math.round(raw)} rows/s`);
  const worker = await ingested(db);
  const share = (worker / raw).toFixed(2);
  say(`one worker: ${Math.round(worker)} events/s, ${share} of it (${EVENTS} events, ${KEYS} keys)`);
  const { events, seconds } = await caughtUp(bus, db);
  const times = (events / seconds / LIVE.perSecond).toFixed(1);
  const outage = `${OUTAGE_SECONDS} s without a worker at ${LIVE.perSecond} events/s, which went on`;
  say(`${outage}: ${events} events in ${seconds.toFixed(1)} s, ${times} times as fast as they came`);
  await db.end();
  await bus.close();
} finally {
  await services.stop();
  rmSync(dataDir, { recursive: true, force: true });
}

/** @param {import('@nats-io/transport-node').NatsConnection} bus */
async function publish(bus) {
  const first = batches * BATCH;
  const events = Array.from({ length: BATCH }, (_, index) => ({
    ...{ request_id: id('request'), kind: /** @type {const} */ ('final'), ...owners },
    ...(keys[(first + index * 7) % KEYS] ?? { key_id: '', secret_id: '' }),
    ...{ at: new Date().toISOString(), endpoint: '/v1/chat/completions', model: 'gpt-4o-mini', stream: true },
    ...{ served_model: `model-${index % 3}`, provider: 'openai', outcome: /** @type {const} */ ('ok'), status: 200 },
    ...{ input_tokens: 900, cached_input_tokens: 0, output_tokens: 300, cost_nanos: '315000', currency: 'USD' },
    ...{ duration_ms: 900, first_byte_ms: 200, window_start: '2026-11-01T00:00:00.000Z' },
  }));
  batches++;
  await publishUsage(bus, randomUUID(), { events });
}

/** The least that any of it could be. @param {Client} db */
async function countersOnly(db) {
  await db.query(
    'CREATE TABLE public.counter (key text PRIMARY KEY, requests bigint NOT NULL, cost numeric NOT NULL) WITH (fillfactor = 70)',
  );
  const names = Array.from({ length: KEYS }, (_, index) => `key_${String(index).padStart(26, '0')}`);
  const began = performance.now();
  let rows = 0;
  while (performance.now() - began < 3000) {
    const some = Array.from({ length: Math.min(BATCH, KEYS) }, (_, index) => names[(rows + index) % KEYS]).sort();
    await db.query(
      `INSERT INTO public.counter AS c SELECT k, 1, 315000 FROM unnest($1::text[]) AS t(k)
       ON CONFLICT (key) DO UPDATE SET requests = c.requests + 1, cost = c.cost + 315000`,
      [some],
    );
    rows += some.length;
  }
  return rows / ((performance.now() - began) / 1000);
}

/** From the first row in the ledger to the last. @param {Client} db */
async function ingested(db) {
  const usage = await startWorker();
  const began = performance.now();
  while ((await written(db)) < batches) await sleep(20);
  const seconds = (performance.now() - began) / 1000;
  await usage.stop();
  return EVENTS / seconds;
}

/**
 * What waited, and what came meanwhile, until nothing waits any more.
 * @param {import('@nats-io/transport-node').NatsConnection} bus @param {Client} db
 */
async function caughtUp(bus, db) {
  const before = batches;
  for (let i = 0; i < (OUTAGE_SECONDS * LIVE.perSecond) / BATCH; i++) await publish(bus);
  const usage = await startWorker();
  const began = performance.now();
  let telling = Promise.resolve();
  const live = setInterval(() => {
    telling = telling.then(() => publish(bus));
  }, LIVE.everyMilliseconds);
  // One batch may always be on its way.
  while ((await written(db)) < batches - 1) await sleep(20);
  const seconds = (performance.now() - began) / 1000;
  clearInterval(live);
  await telling;
  const events = (batches - before) * BATCH;
  await usage.stop();
  return { events, seconds };
}

/** @param {Client} db */
async function written(db) {
  return Number((await db.query('SELECT count(*) AS n FROM usage.usage_batch')).rows[0].n);
}

function startWorker() {
  return start({
    ...process.env,
    KEYWARD_POSTGRES_URL: services.postgres.url,
    KEYWARD_NATS_URL: services.nats.url,
    KEYWARD_REDIS_URL: services.redis.url,
    KEYWARD_LOG_LEVEL: 'error',
  });
}
