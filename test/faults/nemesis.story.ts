import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { runSeed } from './nemesis/run-seed.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** As `npm start` builds them. */
beforeAll(async () => {
  const script = `await (await import('./scripts/start/build.mjs')).build(process.cwd())`;
  await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script], { cwd: ROOT });
}, 120_000);

/** One short round. `npm run faults` has as many as one wants; docs/reliability.md tells of them. */
describe('P1–P4, P13: seven processes in trouble', () => {
  it('Redis frozen, a gateway killed, Postgres killed, NATS killed: afterwards all accounts agree', async () => {
    const { wrong, faults, forwarded, timeline } = await runSeed({ seed: 23, seconds: 12 });
    expect(faults).toEqual(['redis frozen', 'gateway killed', 'postgres killed', 'nats killed']);
    expect(forwarded).toBeGreaterThan(100);
    // The timeline is what somebody needs to read who finds this red.
    expect({ wrong, timeline: wrong.length ? timeline : '' }).toEqual({ wrong: [], timeline: '' });
  }, 300_000);
});
