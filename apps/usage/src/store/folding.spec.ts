import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { DataSource } from 'typeorm';
import { createLog } from '#runtime/log';
import { emptyServers } from '../../../../test/stack.js';
import { anId, usageEvent } from '../../../../test/usage-events.js';
import { reportStatement } from '../reports/report-statement.js';
import { foldMinutes } from './folding.js';
import { writeTold } from './ledger.js';
import { openStore } from './open-store.js';
import { Partitions } from './partitions.js';

const MINUTE = 60_000;
/** Around a midnight ahead, where an hour, a day and a page of minutes begin. */
const midnight = Math.ceil(Date.now() / (1440 * MINUTE)) * 1440 * MINUTE;

let db: DataSource;
let partitions: Partitions;
beforeAll(async () => {
  db = await openStore((await emptyServers()).postgres, createLog('usage', 'fatal'), 6);
  partitions = new Partitions(db);
});
afterAll(async () => {
  await db?.destroy();
});

const step = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ minutes: fc.array(fc.integer({ min: -90, max: 90 }), { minLength: 1, maxLength: 8 }) }),
  },
  { weight: 2, arbitrary: fc.record({ fold: fc.integer({ min: -100, max: 100 }), most: fc.constantFrom(1, 7, 300) }) },
);

describe('hours and days', () => {
  it('have every request once, whenever minutes are added to them, and however late it is told', async () => {
    const property = fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
      const of = { organization_id: anId('organization'), key_id: anId('key') };
      await db.query('UPDATE usage_folded SET until = $1', [new Date(midnight - 120 * MINUTE)]);
      const moments: number[] = [];
      // All at once: writers and folders meet.
      await Promise.all(
        steps.map(async (step) => {
          if ('fold' in step) return foldMinutes(db, midnight + step.fold * MINUTE, step.most);
          const born = step.minutes.map((minute) => midnight + minute * MINUTE + 17);
          moments.push(...born);
          const events = born.map((at) => usageEvent({ ...of, request_id: anId('request', at) }));
          return writeTold(db, partitions, [{ id: null, events, denials: [] }]);
        }),
      );
      for (const [bucket, size] of [
        ['1m', MINUTE],
        ['1h', 60 * MINUTE],
        ['1d', 1440 * MINUTE],
      ] as const)
        for (const key_id of [undefined, of.key_id])
          expect(await counted({ ...of, key_id }, bucket)).toEqual(expected(moments, size));
    });
    await fc.assert(property, { numRuns: 15, endOnFailure: true });
  }, 60_000);
});

/** By the beginning of the bucket. */
function expected(moments: readonly number[], size: number): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const moment of moments) {
    const start = new Date(Math.floor(moment / size) * size).toISOString();
    counts[start] = (counts[start] ?? 0) + 1;
  }
  return counts;
}

async function counted(of: { organization_id: string; key_id?: string }, bucket: '1m' | '1h' | '1d') {
  const { sql, values } = reportStatement({
    ...{ ...of, bucket, group_by: [], limit: 1000 },
    start: new Date(midnight - 100 * MINUTE).toISOString(),
    end: new Date(midnight + 100 * MINUTE).toISOString(),
  });
  const rows: { start: Date; requests: string }[] = await db.query(sql, values);
  return Object.fromEntries(rows.map(({ start, requests }) => [start.toISOString(), Number(requests)]));
}
