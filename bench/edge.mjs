/**
 * What Keyward costs, against who does nothing and who does less: a bare Node proxy, nginx, Portkey’s gateway. They take
 * turns inside each round; medians are printed, and compared with the bar. `npm run bench:edge [rounds] [seconds]`.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bare, direct, keyward, nginx, portkey, provider } from './edge/contenders.mjs';
import { openHouse } from './edge/house.mjs';
import { saturate, steady, streams, warnWithoutWrk } from './edge/measure.mjs';
import { residentMegabytes, stayOnLoadCore } from './edge/processes.mjs';

/** @typedef {import('./edge/contenders.mjs').Contender} Contender */

const [rounds = 5, seconds = 3] = process.argv.slice(2).map(Number);
const CONNECTIONS = 64;
const STREAMS = 100;
const RATE = 500;
const WITH_ALL = 'Keyward, every limit and rule';

stayOnLoadCore();
const report = (/** @type {string} */ line) => process.stderr.write(`${line}\n`);
warnWithoutWrk(report);
const parent = fileURLToPath(new URL('../.keyward/', import.meta.url));
mkdirSync(parent, { recursive: true });
const home = mkdtempSync(join(parent, 'bench-'));
/** @type {import('node:child_process').ChildProcess[]} */
const children = [];
/** @type {Awaited<ReturnType<typeof openHouse>> | undefined} */
let house;
try {
  const origin = await provider(children);
  house = await openHouse({ origin, home, report });
  const { url, keys, gatewayPid } = house;
  const peers = [await nginx(origin, home, children), await portkey(origin, parent, children)];
  const all = [
    direct(origin),
    await bare(origin, children),
    ...peers.filter((peer) => peer !== null),
    keyward('Keyward, no limits', url, keys.free, gatewayPid),
    keyward(WITH_ALL, url, keys.limited, gatewayPid),
    { ...keyward('Keyward refuses a disabled key', url, keys.disabled, gatewayPid), refuses: true },
    { ...keyward('Keyward refuses a made-up key', url, 'kw_made-up', gatewayPid), refuses: true },
  ];
  const results = await measureAll(all);
  print(results);
  console.log(`\nThe gateway holds ${Math.round(residentMegabytes([gatewayPid]))} MB.\n`);
  judge(results);
} finally {
  for (const child of children) child.kill('SIGTERM');
  await house?.close();
  rmSync(home, { recursive: true, force: true });
}

/** @typedef {{ rate: number[], micros: number[], p50: number[], p99: number[], stream: number[], firstByte: number[], bad: number }} Rounds */

/** @param {readonly Contender[]} all */
async function measureAll(all) {
  const results = new Map(all.map(({ name }) => [name, empty()]));
  for (const contender of all) await saturate(contender, { home, seconds: 2, connections: CONNECTIONS });
  for (let round = 0; round < rounds; round++) {
    report(`round ${round + 1} of ${rounds}`);
    for (let turn = 0; turn < all.length; turn++) {
      const contender = /** @type {Contender} */ (all[(turn + round) % all.length]);
      await measureOne(contender, /** @type {Rounds} */ (results.get(contender.name)));
    }
  }
  return results;
}

/** @param {Contender} contender @param {Rounds} into */
async function measureOne(contender, into) {
  const full = await saturate(contender, { home, seconds, connections: CONNECTIONS });
  into.rate.push(full.rate);
  into.micros.push(full.micros);
  into.bad += full.bad;
  if (contender.refuses) return;
  const some = await steady(contender, { rate: RATE, seconds, connections: CONNECTIONS });
  into.p50.push(some.p50);
  into.p99.push(some.p99);
  const long = await streams(contender, { seconds, connections: STREAMS });
  into.stream.push(long.micros);
  into.firstByte.push(long.firstByte);
  into.bad += some.bad + long.bad;
}

/** @returns {Rounds} */
function empty() {
  return { rate: [], micros: [], p50: [], p99: [], stream: [], firstByte: [], bad: 0 };
}

/** @param {Map<string, Rounds>} results */
function print(results) {
  const none = empty();
  const [base, still, peer] = ['bare', 'direct', 'portkey'].map((name) => results.get(name) ?? none);
  console.log(
    `\n${cpus()[0]?.model.trim()}, ${cpus().length} cores, Node ${process.versions.node}, ${rounds} rounds of ${seconds} s\n`,
  );
  console.log(
    '| | requests/s | of bare | of Portkey | CPU µs | p50 ms at 500/s | added | added p99 | stream CPU µs | of bare | first byte ms | failed |',
  );
  console.log('|---|---|---|---|---|---|---|---|---|---|---|---|');
  for (const [name, told] of results) {
    const cells = [
      Math.round(median(told.rate)),
      ratio(told.rate, base?.rate),
      ratio(told.rate, peer?.rate),
      median(told.micros).toFixed(1),
      median(told.p50).toFixed(3),
      (median(told.p50) - median(still?.p50 ?? [])).toFixed(3),
      (median(told.p99) - median(still?.p99 ?? [])).toFixed(2),
      Math.round(median(told.stream)),
      ratio(told.stream, base?.stream),
      median(told.firstByte).toFixed(1),
      told.bad,
    ];
    console.log(`| ${name} | ${cells.join(' | ').replaceAll('NaN', '–')} |`);
  }
}

/** The first bar: everything on, one reservation in Redis for each request. @param {Map<string, Rounds>} results */
function judge(results) {
  const [still, base, peer, ours] = ['direct', 'bare', 'portkey', WITH_ALL].map((name) => results.get(name) ?? empty());
  if (!still || !base || !peer || !ours) return;
  const refused = results.get('Keyward refuses a disabled key') ?? empty();
  const added = (/** @type {Rounds} */ of) => median(of.p50) - median(still.p50);
  const bars = [
    ['throughput of bare', median(ours.rate) / median(base.rate), 'at least', 0.55],
    ['throughput of Portkey', median(ours.rate) / median(peer.rate), 'at least', 8],
    ['CPU of a stream, of bare', median(ours.stream) / median(base.stream), 'at most', 1.3],
    ['refusals, of what bare forwards', median(refused.rate) / median(base.rate), 'at least', 1.3],
    ['added p50, of bare', added(ours) / added(base), 'at most', 1.6],
  ];
  for (const [what, got, how, wanted] of bars) {
    // Portkey is not there where npm is not.
    if (Number.isNaN(got)) continue;
    const isMet = how === 'at least' ? got >= wanted : got <= wanted;
    console.log(`${isMet ? 'met   ' : 'MISSED'} ${what}: ${Number(got).toFixed(2)}, ${how} ${wanted}`);
    if (!isMet) process.exitCode = 1;
  }
  if (median(still.rate) < 1.5 * median(base.rate))
    console.log('The load is near its own ceiling: ratios to bare are flattered.');
}

/** @param {number[]} ours @param {number[] | undefined} theirs */
function ratio(ours, theirs) {
  return (median(ours) / median(theirs ?? [])).toFixed(2);
}

/** @param {readonly number[]} all */
function median(all) {
  const sorted = all.filter((value) => Number.isFinite(value)).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
