/**
 * How many usage events a second one worker carries from JetStream into the ledger, with its totals and buckets, against
 * a loop that only adds to counters in the same Postgres. The stream is filled first, so this is also how an outage is
 * caught up with. `npm run bench:ingest [events] [keys]`.
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

const EVENTS = Number(process.argv[2] ?? 100_000);
const KEYS = Number(process.argv[3] ?? 1000);
const BATCH = 500;

await build(fileURLToPath(new URL('..', import.meta.url)));
// Not before there is something built.
const { newId } = await import('#domain/id');
const { connectBus } = await import('#rpc/connect');
const { ensureUsageStream, publishUsage } = await import('#rpc/usage-stream');
const dataDir = mkdtempSync(join(tmpdir(), 'keyward-ingest-'));
const unset = { KEYWARD_POSTGRES_URL: undefined, KEYWARD_NATS_URL: undefined, KEYWARD_REDIS_URL: undefined };
const services = await startServices({ dataDir, env: { ...process.env, ...unset } });
const log = { info() {}, warn() {}, error() {} };
try {
  const bus = await connectBus({ url: services.nats.url, name: 'gateway', log });
  await ensureUsageStream(bus);
  await fill(bus);
  const db = new Client({ connectionString: services.postgres.url });
  // The server goes first where something fails; what failed is what should be read.
  db.on('error', () => {});
  await db.connect();
  const raw = await countersOnly(db);
  const worker = await ingested(db);
  const say = (/** @type {string} */ line) => process.stdout.write(`${line}\n`);
  say(`counters only: ${Math.round(raw)} rows/s`);
  say(
    `one worker: ${Math.round(worker)} events/s, ${(worker / raw).toFixed(2)} of it (${EVENTS} events, ${KEYS} keys)`,
  );
  await db.end();
  await bus.close();
} finally {
  await services.stop();
  rmSync(dataDir, { recursive: true, force: true });
}

/** @param {import('@nats-io/transport-node').NatsConnection} bus */
async function fill(bus) {
  const id = (/** @type {Parameters<typeof newId>[0]} */ kind) => newId(kind, Date.now(), randomBytes(10));
  const [organization_id, project_id] = [id('organization'), id('project')];
  const keys = Array.from({ length: KEYS }, () => ({ key_id: id('key'), secret_id: id('secret') }));
  for (let told = 0; told < EVENTS; told += BATCH) {
    const events = Array.from({ length: BATCH }, (_, index) => ({
      ...{ request_id: id('request'), kind: /** @type {const} */ ('final'), organization_id, project_id },
      ...(keys[(told + index * 7) % KEYS] ?? { key_id: '', secret_id: '' }),
      ...{ at: new Date().toISOString(), endpoint: '/v1/chat/completions', model: 'gpt-4o-mini', stream: true },
      ...{ served_model: `model-${index % 3}`, provider: 'openai', outcome: /** @type {const} */ ('ok'), status: 200 },
      ...{ input_tokens: 900, cached_input_tokens: 0, output_tokens: 300, cost_nanos: '315000', currency: 'USD' },
      ...{ duration_ms: 900, first_byte_ms: 200, window_start: '2026-11-01T00:00:00.000Z' },
    }));
    await publishUsage(bus, randomUUID(), { events });
  }
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
  const { start } = await import('../dist/apps/usage/src/main.js');
  const usage = await start({
    ...process.env,
    KEYWARD_POSTGRES_URL: services.postgres.url,
    KEYWARD_NATS_URL: services.nats.url,
    KEYWARD_REDIS_URL: services.redis.url,
    KEYWARD_LOG_LEVEL: 'error',
  });
  const began = performance.now();
  const written = async () => Number((await db.query('SELECT count(*) AS n FROM usage.usage_batch')).rows[0].n);
  while ((await written()) < EVENTS / BATCH) await sleep(20);
  const seconds = (performance.now() - began) / 1000;
  await usage.stop();
  return EVENTS / seconds;
}
