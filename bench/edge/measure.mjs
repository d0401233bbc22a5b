/** The three ways of asking: as much as it takes, so many a second, and a hundred streams at once. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { question } from './bodies.mjs';
import { cpuNanos, has, LOAD_CORE, said } from './processes.mjs';

/** @typedef {import('./contenders.mjs').Contender} Contender */

const LOAD = fileURLToPath(new URL('./load.mjs', import.meta.url));
const POST = fileURLToPath(new URL('./post.lua', import.meta.url));
const wrk = has('wrk');

/** Without wrk the load is the bottleneck, and the ratios flatter whoever is faster than it. @param {(line: string) => void} report */
export function warnWithoutWrk(report) {
  if (!wrk) report('wrk is not installed: the load comes from Node and may be the bottleneck (apt-get install wrk)');
}

/** @param {Contender} contender @param {{ home: string, seconds: number, connections: number }} how */
export async function saturate(contender, { home, seconds, connections }) {
  const before = cpuNanos(contender.pids);
  const told = wrk
    ? await withWrk(contender, home, seconds, connections)
    : await load(contender, { seconds, connections });
  const spent = cpuNanos(contender.pids) - before;
  // Who refuses is measured by its refusals.
  const good = contender.refuses ? told.refused : told.answered;
  const bad = told.broken + (contender.refuses ? told.answered : told.refused);
  return {
    rate: good / told.seconds,
    micros: spent / 1000 / (good || Number.NaN),
    bad,
    firstRefusal: told.firstRefusal,
  };
}

/** @param {Contender} contender @param {{ rate: number, seconds: number, connections: number }} how */
export async function steady(contender, how) {
  const { p50, p99, refused, broken } = await load(contender, how);
  return { p50, p99, bad: broken + (contender.refuses ? 0 : refused) };
}

/** @param {Contender} contender @param {{ seconds: number, connections: number }} how */
export async function streams(contender, how) {
  const before = cpuNanos(contender.pids);
  const { answered, refused, broken, firstByte } = await load(contender, { ...how, stream: true });
  const micros = (cpuNanos(contender.pids) - before) / 1000 / answered;
  return { micros: answered ? micros : Number.NaN, firstByte, bad: refused + broken };
}

/** @param {Contender} contender @param {{ seconds: number, connections: number, rate?: number, stream?: boolean }} how */
async function load({ url, headers }, { rate = 0, stream = false, ...how }) {
  const text = await said(process.execPath, [LOAD, JSON.stringify({ url, headers, rate, stream, ...how })], {
    core: LOAD_CORE,
  });
  return JSON.parse(text.trim().split('\n').at(-1) ?? '');
}

/** @param {Contender} contender @param {string} home @param {number} seconds @param {number} connections */
async function withWrk({ url, headers }, home, seconds, connections) {
  const body = join(home, 'question.json');
  writeFileSync(body, question());
  const env = { ...process.env, BENCH_BODY: body, BENCH_HEADERS: headers.join('|') };
  const text = await said('wrk', ['-t1', `-c${connections}`, `-d${seconds}s`, '-s', POST, url], {
    core: LOAD_CORE,
    env,
  });
  const told = JSON.parse(text.trim().split('\n').at(-1) ?? '');
  return { ...told, answered: told.requests - told.refused, firstRefusal: '' };
}
