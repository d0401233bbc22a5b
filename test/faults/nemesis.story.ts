import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type House, openHouse } from './nemesis/house.js';
import { runSeed } from './nemesis/run-seed.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

let house: House;
/** As `npm start` builds them. */
beforeAll(async () => {
  const script = `await (await import('./scripts/start/build.mjs')).build(process.cwd())`;
  await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script], { cwd: ROOT });
  house = await openHouse(15);
}, 180_000);
afterAll(async () => {
  await house?.stop();
  await house?.remove();
});

/** One short round. `npm run faults` has as many as one wants; docs/reliability.md tells of them. */
describe('P1–P4, P13: seven processes in trouble', () => {
  it('Redis frozen, a gateway killed, Postgres killed, NATS killed: afterwards all accounts agree', async () => {
    const { wrong, faults, forwarded, timeline } = await runSeed(house, { seed: 23, seconds: 12 });
    expect(faults).toEqual(['redis frozen', 'gateway killed', 'postgres killed', 'nats killed']);
    expect(forwarded).toBeGreaterThan(100);
    // The timeline is what somebody needs to read who finds this red.
    expect({ wrong, timeline: wrong.length ? timeline : '' }).toEqual({ wrong: [], timeline: '' });
  }, 300_000);
});
