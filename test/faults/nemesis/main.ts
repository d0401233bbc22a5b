/**
 * `npm run faults -- [--seeds 10] [--seed 1] [--minutes 30] [--beside 3] [--seconds 35] [--results file]`
 * Each seed is a process of its own; so many run side by side. With `--only` one seed is run here, aloud.
 */
import { execFile } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from '../../../scripts/start/build.mjs';
import { type Result, runSeed } from './run-seed.js';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const LIMIT_MILLISECONDS = 10 * 60_000;

const number = (usual: string) => ({ type: 'string', default: usual }) as const;
const { values } = parseArgs({
  options: {
    ...{ seeds: number('3'), seed: number('1'), minutes: number('600'), beside: number('2'), seconds: number('35') },
    ...{ results: { type: 'string' }, only: { type: 'string' }, quiet: { type: 'boolean', default: false } },
  },
});
const seconds = Number(values.seconds);

if (values.only === undefined) await runMany();
else {
  const result = await runSeed({ seed: Number(values.only), seconds, aloud: !values.quiet, keep: true });
  process.stdout.write(`${JSON.stringify(result)}\n`);
}

async function runMany(): Promise<void> {
  await build(ROOT);
  const until = Date.now() + Number(values.minutes) * 60_000;
  const first = Number(values.seed);
  const last = first + Number(values.seeds) - 1;
  let next = first;
  let bad = 0;
  const lane = async () => {
    while (next <= last && Date.now() < until) {
      const seed = next++;
      const { timeline, ...result } = await apart(seed);
      if (values.results) appendFileSync(values.results, `${JSON.stringify(result)}\n`);
      const { attempts, forwarded, faults, calmAfterSeconds, wrong } = result;
      const verdict = wrong.length === 0 ? 'sound' : `${wrong.length} WRONG`;
      say(
        `seed ${seed}: ${faults.length} faults, ${attempts} calls, ${forwarded} forwarded, calm after ${calmAfterSeconds} s: ${verdict}`,
      );
      if (wrong.length === 0) continue;
      bad++;
      say(`${timeline}\n\nagain with: npm run faults -- --only ${seed}\n${wrong.slice(0, 20).join('\n')}`);
    }
  };
  await Promise.all(Array.from({ length: Number(values.beside) }, lane));
  say(`${next - first} seeds, ${bad} of them with something wrong`);
  process.exitCode = bad > 0 ? 1 : 0;
}

/** In a process of its own, so that nothing of one seed is left for the next. */
function apart(seed: number): Promise<Result> {
  const args = [...process.execArgv, fileURLToPath(import.meta.url), '--quiet', '--only', String(seed)];
  args.push('--seconds', String(seconds));
  return new Promise((resolve) => {
    execFile(process.execPath, args, { timeout: LIMIT_MILLISECONDS, maxBuffer: 2 ** 26 }, (error, out, trouble) => {
      const said = out.trim().split('\n').at(-1);
      if (!error && said) return resolve(JSON.parse(said) as Result);
      const nothing = { attempts: 0, forwarded: 0, rows: 0, abandoned: 0, refused503: 0, slowestRefusalMs: 0 };
      const wrong = [`the run itself failed: ${error?.message ?? 'it said nothing'}`];
      resolve({ seed, ...nothing, faults: [], calmAfterSeconds: 0, wrong, timeline: trouble.slice(-8000) });
    });
  });
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
