/**
 * How many keys a second one process of the keys service verifies: cold (a key nobody has met: Postgres), warm, and a
 * text that is no key, against a Nest service that only echoes. Everything rotates inside each round; medians are
 * printed. On Linux with taskset the measured process is bound to the last core. `npm run bench:verify [rounds]`.
 */
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { connect } from '@nats-io/transport-node';
import { startServices } from '../scripts/services.mjs';
import { build } from '../scripts/start/build.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const ROUNDS = Number(process.argv[2] ?? 5);
const COLD_KEYS = 6000;
const MILLISECONDS = 2000;
const IN_FLIGHT = 64;
const SECRET = 'a secret for the benchmark, of 32 letters and more';
const COLD_AT_LEAST = 3000;

await build(ROOT);
const { insertKeys } = await import('./keys.mjs');
const dataDir = mkdtempSync(join(tmpdir(), 'keyward-bench-'));
const services = await startServices({
  dataDir,
  env: unset(process.env),
  report: (line) => process.stderr.write(`${line}\n`),
});
/** @type {import('node:child_process').ChildProcess[]} */
const children = [];
try {
  const env = {
    ...process.env,
    KEYWARD_POSTGRES_URL: services.postgres.url,
    KEYWARD_NATS_URL: services.nats.url,
    KEYWARD_REDIS_URL: services.redis.url,
    KEYWARD_SECRET: SECRET,
    KEYWARD_OWNER_EMAIL: 'owner@keyward.test',
    KEYWARD_OWNER_PASSWORD: 'correct-horse-battery',
    KEYWARD_LOG_LEVEL: 'error',
    KEYWARD_OPS_PORT: '0',
  };
  children.push(
    start(join(ROOT, 'dist/apps/keys/src/main.js'), env),
    start(fileURLToPath(import.meta.resolve('./nest-echo.mjs')), env),
  );
  const bus = await connect({ servers: services.nats.url });
  await answered(() => bus.request('keyward.keys.verify', '{"key":"kw_x"}', { timeout: 500 }));
  await answered(() => bus.request('bench.echo', echoOf('x'), { timeout: 500 }));

  const secrets = await insertKeys({
    postgresUrl: services.postgres.url,
    secret: SECRET,
    count: (ROUNDS + 1) * COLD_KEYS,
  });
  const [warm = ''] = secrets;
  const contenders = {
    'Nest echo': () => during(() => bus.request('bench.echo', echoOf(warm), { timeout: 5000 })),
    'verify, warm': () => during(() => verify(warm)),
    'verify, no key': () => during(() => verify(`${warm.slice(0, -1)}${warm.endsWith('a') ? 'b' : 'a'}`)),
    'verify, cold': () => each(secrets.splice(-COLD_KEYS), verify),
  };

  /** @param {string} key */
  async function verify(key) {
    return bus.request('keyward.keys.verify', JSON.stringify({ key }), { timeout: 5000 });
  }

  // One round to warm up, not counted.
  const rates = new Map(Object.keys(contenders).map((name) => [name, /** @type {number[]} */ ([])]));
  for (let round = 0; round <= ROUNDS; round++)
    for (const [name, measure] of rotated(Object.entries(contenders), round)) {
      const rate = await measure();
      if (round > 0) rates.get(name)?.push(rate);
    }
  await bus.close();
  const echo = median(rates.get('Nest echo') ?? []);
  console.log(
    `\n${cpus()[0]?.model.trim()}, ${availableParallelism()} cores, Node ${process.versions.node}, ${ROUNDS} rounds\n`,
  );
  console.log('| | a second | of the echo | lowest to highest |\n|---|---|---|---|');
  for (const [name, all] of rates) {
    const middle = median(all);
    const range = `${round10(Math.min(...all))} to ${round10(Math.max(...all))}`;
    console.log(`| ${name} | ${round10(middle)} | ${(middle / echo).toFixed(2)} | ${range} |`);
  }
  const cold = median(rates.get('verify, cold') ?? []);
  if (cold < COLD_AT_LEAST) {
    console.error(`\ncold is below ${COLD_AT_LEAST} a second`);
    process.exitCode = 1;
  }
} finally {
  for (const child of children) child.kill('SIGTERM');
  await services.stop();
  rmSync(dataDir, { recursive: true, force: true });
}

/** @param {string} script @param {NodeJS.ProcessEnv} env */
function start(script, env) {
  const node = [process.execPath, script];
  const [command = '', ...args] = canPin() ? ['taskset', '-c', String(availableParallelism() - 1), ...node] : node;
  return spawn(command, args, { env, cwd: ROOT, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
}

function canPin() {
  if (process.platform !== 'linux' || availableParallelism() < 2) return false;
  try {
    execFileSync('taskset', ['-V'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** As Nest's own client sends it. @param {string} key */
function echoOf(key) {
  return JSON.stringify({ pattern: 'bench.echo', data: { key }, id: '1' });
}

/** Answers a second, with so many questions under way all the time. @param {() => Promise<unknown>} ask */
async function during(ask) {
  const started = performance.now();
  let answers = 0;
  const worker = async () => {
    for (; performance.now() - started < MILLISECONDS; answers++) await ask();
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
  return (answers * 1000) / (performance.now() - started);
}

/** @param {string[]} keys @param {(key: string) => Promise<import('@nats-io/transport-node').Msg>} ask */
async function each(keys, ask) {
  const started = performance.now();
  const count = keys.length;
  const worker = async () => {
    for (let key = keys.pop(); key !== undefined; key = keys.pop()) {
      const { data } = (await ask(key)).json();
      if (!data?.valid) throw new Error('a key was not found');
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
  return (count * 1000) / (performance.now() - started);
}

/** @param {() => Promise<unknown>} ask */
async function answered(ask) {
  for (let tries = 0; ; tries++) {
    try {
      return await ask();
    } catch (error) {
      if (tries > 100) throw error;
      await sleep(100);
    }
  }
}

/** @template T @param {T[]} all @param {number} by @returns {T[]} */
function rotated(all, by) {
  const start = by % all.length;
  return [...all.slice(start), ...all.slice(0, start)];
}

/** @param {number[]} all */
function median(all) {
  return [...all].sort((a, b) => a - b)[Math.floor(all.length / 2)] ?? Number.NaN;
}

/** @param {number} rate */
function round10(rate) {
  return Math.round(rate / 10) * 10;
}

/** Its own servers, whatever this shell is set to. @param {NodeJS.ProcessEnv} env */
function unset(env) {
  return { ...env, KEYWARD_POSTGRES_URL: undefined, KEYWARD_NATS_URL: undefined, KEYWARD_REDIS_URL: undefined };
}
