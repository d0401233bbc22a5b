/**
 * What a request costs one Redis core: a reserve and a settle of a key with rates, a place and two spend limits, over many keys,
 * of which some are in use. Redis is single-threaded, so its own CPU time says how many pairs a second one core does.
 * `npm run bench:reserve [rounds]`.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import { startServices } from '../scripts/services.mjs';
import { build } from '../scripts/start/build.mjs';

const ROUNDS = Number(process.argv[2] ?? 3);
const MILLISECONDS = 2000;
const IN_FLIGHT = 64;
const WANTED = 20_000;
/** So many keys are used in turns, of so many that are there. */
const SIZES = [
  { used: 1, there: 1 },
  { used: 1000, there: 1000 },
  { used: 1000, there: 1_000_000 },
  { used: 100_000, there: 1_000_000 },
];

await build(fileURLToPath(new URL('..', import.meta.url)));
const { RedisTills } = await import('#counters/redis-tills');
const dataDir = mkdtempSync(join(tmpdir(), 'keyward-bench-'));
const services = await startServices({ dataDir });
const redis = new Redis(services.redis.url);
const tills = new RedisTills(redis);
const FOREVER = Number.MAX_SAFE_INTEGER;
const START = '2026-01-01T00:00:00.000Z';
let requests = 0;

try {
  console.log(`${cpus()[0]?.model}, ${cpus().length} cores, Node ${process.version}, ${ROUNDS} rounds, medians`);
  // Its file is rewritten in the middle of a round or not at all, and the round says nothing of the other ones.
  await redis.config('SET', 'auto-aof-rewrite-percentage', '0');
  let made = 0;
  for (const { used, there } of SIZES) {
    for (; made < there; made += 500)
      await Promise.all(Array.from({ length: Math.min(500, there - made) }, (_, j) => open(`key_${made + j}`)));
    made = there;
    // The first time that a key is met costs more.
    await round(used);
    const rounds = [];
    for (let i = 0; i < ROUNDS; i++) rounds.push(await round(used));
    const [cpu, wall] = ['cpu', 'wall'].map((of) => median(rounds.map((one) => one[of])));
    console.log(`${used} of ${there} keys: ${cpu} pairs per second of Redis's CPU, ${wall} a second here`);
    if (cpu < WANTED) process.exitCode = 1;
  }
} finally {
  redis.disconnect();
  await services.stop();
  rmSync(dataDir, { recursive: true, force: true });
}

function buckets(key) {
  return [{ id: `${key}/0`, window: 0 }, { id: `${key}/0/${START}`, window: Date.parse(START) }, null, null, null];
}

function open(key) {
  const slots = buckets(key).map((one) => one && { ...one, granted: 4e15, limit: '4e15', free: '0', outside: '0' });
  return tills.fill(key, { run: 'r', asked: 0, epoch: 1, leaseUntil: Date.now() + 3_600_000, revision: 1, slots });
}

async function pair(key) {
  const request = `req_${requests++}`;
  const rates = { rpm: 1e9, tpm: 1e9, parallel: 1e6 };
  const ask = { request, run: 'r', revision: 1, amount: 1000, tokens: 100, memo: 'x'.repeat(700), ...rates };
  const held = await tills.reserve(
    key,
    { ...ask, buckets: buckets(key), charged: [true, true, true, true, false] },
    FOREVER,
  );
  if (held.outcome !== 'held') throw new Error(`not held: ${JSON.stringify(held)}`);
  await tills.settle(key, { request, held: true, cost: 10, second: held.second, requestsOff: 0, tokensOff: -20 });
}

async function round(size) {
  const [startedAt, usedBefore] = [performance.now(), await cpuSeconds()];
  let pairs = 0;
  const worker = async () => {
    while (performance.now() - startedAt < MILLISECONDS) {
      await pair(`key_${Math.floor(Math.random() * size)}`);
      pairs++;
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
  const used = (await cpuSeconds()) - usedBefore;
  return { cpu: Math.round(pairs / used), wall: Math.round((pairs * 1000) / (performance.now() - startedAt)) };
}

async function cpuSeconds() {
  const info = await redis.info('cpu');
  return ['sys', 'user'].reduce(
    (sum, kind) => sum + Number(new RegExp(`used_cpu_${kind}:([\\d.]+)`).exec(info)?.[1]),
    0,
  );
}

function median(values) {
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
}
