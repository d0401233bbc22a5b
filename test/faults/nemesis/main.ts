/**
 * `npm run faults -- [--seeds 10] [--seed 1] [--minutes 30] [--beside 3] [--seconds 20] [--lease 15] [--results file]`
 * So many houses stand side by side, each in a process of its own, and a few seeds live in each, one after the other. With
 * `--only` one seed is run here, aloud.
 */
import { spawn } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from '../../../scripts/start/build.mjs';
import { type House, openHouse } from './house.js';
import { type Result, runSeed } from './run-seed.js';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const LIMIT_MILLISECONDS = 6 * 60_000;

const number = (usual: string) => ({ type: 'string', default: usual }) as const;
const { values } = parseArgs({
  options: {
    ...{ seeds: number('3'), seed: number('1'), minutes: number('600'), beside: number('2'), together: number('5') },
    ...{ seconds: number('20'), lease: number('15'), results: { type: 'string' }, only: { type: 'string' } },
    // How many of them here, and silently: how a house of its own is started.
    here: { type: 'string' },
  },
});
const seconds = Number(values.seconds);
const until = Date.now() + Number(values.minutes) * 60_000;

if (values.only !== undefined) await runHere(Number(values.only), 1, true);
else if (values.here !== undefined) await runHere(Number(values.seed), Number(values.here), false);
else await runMany();

/** What a house that something was wrong in has left behind is kept, and the next seed gets a new one. */
async function runHere(first: number, count: number, aloud: boolean): Promise<void> {
  let house: House | undefined;
  for (let seed = first; seed < first + count && Date.now() < until; seed++) {
    house ??= await openHouse(Number(values.lease));
    const result = await runSeed(house, { seed, seconds, aloud }).catch(async (error: unknown) => {
      await house?.stop();
      throw error;
    });
    say(JSON.stringify(result));
    if (result.wrong.length === 0) continue;
    await house.stop();
    process.stderr.write(`what seed ${seed} left behind is in ${house.dir}\n`);
    house = undefined;
  }
  await house?.stop();
  await house?.remove();
}

async function runMany(): Promise<void> {
  await build(ROOT);
  const last = Number(values.seed) + Number(values.seeds) - 1;
  let next = Number(values.seed);
  let bad = 0;
  let ended = 0;
  const note = (result: Result) => {
    ended++;
    bad += result.wrong.length > 0 ? 1 : 0;
    report(result);
  };
  const lane = async () => {
    while (next <= last && Date.now() < until) {
      const first = next;
      next = Math.min(first + Number(values.together), last + 1);
      await apart(first, next - first, note);
    }
  };
  await Promise.all(Array.from({ length: Number(values.beside) }, lane));
  say(`${ended} seeds, ${bad} of them with something wrong`);
  process.exitCode = bad > 0 || ended === 0 ? 1 : 0;
}

function report({ timeline, ...result }: Result): void {
  if (values.results) appendFileSync(values.results, `${JSON.stringify(result)}\n`);
  const { seed, attempts, forwarded, faults, calmAfterSeconds, wrong } = result;
  const verdict = wrong.length === 0 ? 'sound' : `${wrong.length} WRONG`;
  const busy = `${result.mostInAMinute.join(' and ')} in a minute, ${result.mostBusyKeys} keys busy`;
  const counts = `${faults.length} faults, ${attempts} calls, ${forwarded} forwarded, ${busy}`;
  say(`seed ${seed}: ${counts}, calm after ${calmAfterSeconds} s, ${result.seconds} s in all: ${verdict}`);
  if (wrong.length)
    say(`${timeline}\n\nagain with: npm run faults -- --only ${seed}\n${wrong.slice(0, 20).join('\n')}`);
}

/** In a process of its own: a house that does not end takes nothing with it. */
async function apart(first: number, count: number, note: (result: Result) => void): Promise<void> {
  const args = [...process.execArgv, fileURLToPath(import.meta.url), '--seed', String(first), '--here', String(count)];
  const minutes = Math.max(0, (until - Date.now()) / 60_000);
  args.push('--seconds', String(seconds), '--lease', String(values.lease), '--minutes', String(minutes));
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: LIMIT_MILLISECONDS * count,
  });
  for await (const line of createInterface({ input: child.stdout }))
    if (line.startsWith('{"seed"')) note(JSON.parse(line) as Result);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
