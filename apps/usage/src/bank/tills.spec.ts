import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import type { GrantReply } from '#contracts/escrow';
import { bucketId } from '#domain/budget/bucket-id';
import { USUAL_LEASES } from '#domain/budget/leases';
import { newId } from '#domain/id';
import { createLog } from '#runtime/log';
import { emptyServers } from '../../../../test/stack.js';
import { GrantSlices } from '../operations/grant-slices.js';
import { openStore } from '../store/open-store.js';
import { closeTills } from './close-tills.js';

let db: DataSource;
let grants: GrantSlices;
beforeAll(async () => {
  const { postgres } = await emptyServers();
  db = await openStore(postgres, createLog('usage', 'fatal'));
  grants = new GrantSlices(db, USUAL_LEASES);
});
afterAll(async () => {
  await db?.destroy();
});

const id = (kind: Parameters<typeof newId>[0]) => newId(kind, Date.now(), randomBytes(10));
const house = { organization_id: id('organization'), project_id: id('project') };
let key: string;
beforeEach(() => {
  key = id('key');
});

const ask = (run: string, epoch: number, need = 100, returned = 0, has?: number): Promise<GrantReply> =>
  grants.run({
    ...house,
    key_id: key,
    till: 'redis',
    run,
    epoch,
    revision: 1,
    buckets: [
      {
        bucket: bucketId(key, 0, null),
        limit_nanos: '1000',
        need_nanos: String(need),
        want_nanos: '0',
        returned_nanos: String(returned),
        has_nanos: has?.toString(),
      },
    ],
  });

/** As if everything so far had happened so many seconds earlier. */
const later = (seconds: number) =>
  db.query(
    `UPDATE till SET opened_at = opened_at - $2::interval, lease_until = lease_until - $2::interval,
            superseded_at = superseded_at - $2::interval WHERE key_id = $1`,
    [key, `${seconds} seconds`],
  );

const granted = (reply: GrantReply) => reply.buckets.map(({ granted_nanos }) => Number(granted_nanos));

describe('a till', () => {
  it('is opened once, also where many find it missing at the same moment', async () => {
    const replies = await Promise.all(Array.from({ length: 10 }, () => ask('a', 0)));
    expect(new Set(replies.map(({ epoch }) => epoch)).size).toBe(1);
    expect(replies.flatMap(granted)).toEqual(Array.from({ length: 10 }, () => 100));
  });

  it('that was flushed is opened anew, and what it held stays outside', async () => {
    const first = await ask('a', 0, 300);
    await later(3);
    const second = await ask('a', 0, 900);
    expect(second.epoch).toBeGreaterThan(first.epoch);
    expect(second.buckets).toMatchObject([{ granted_nanos: '700', free_nanos: '0', outside_nanos: '300' }]);
  });

  it('gives back what it does not need, but only what it has, and only while it is renewed', async () => {
    const { epoch } = await ask('a', 0, 400);
    expect(granted(await ask('a', epoch, 1000, 150))).toEqual([750]);
    expect((await ask('a', epoch, 0, 5000)).buckets).toMatchObject([{ free_nanos: '1000', outside_nanos: '0' }]);
    await ask('a', epoch, 400);
    await later(3);
    expect((await ask('b', epoch, 0, 400)).buckets).toMatchObject([{ free_nanos: '600', outside_nanos: '400' }]);
  });

  it('on another server is another one; the old one is not listened to until its slices are surely spent or lost', async () => {
    const first = await ask('a', 0);
    await later(3);
    const second = await ask('b', first.epoch);
    expect(second.epoch).toBeGreaterThan(first.epoch);
    const superseded = { outcome: 'superseded', epoch: second.epoch, lease_ms: 0, buckets: [] };
    expect(await ask('a', first.epoch)).toEqual(superseded);
    expect(await ask('a', 0)).toEqual(superseded);
    await later(109);
    expect(await ask('a', 0)).toEqual(superseded);
    await later(2);
    const third = await ask('a', 0);
    expect(third).toMatchObject({ outcome: 'granted' });
    expect(third.epoch).toBeGreaterThan(second.epoch);
  });

  it('that was asked for by somebody of before is not taken from those who use it, unless nobody does', async () => {
    const first = await ask('a', 0);
    await later(3);
    const second = await ask('a', 0);
    expect(await ask('a', first.epoch)).toMatchObject({ outcome: 'superseded', epoch: second.epoch });
    await later(61);
    expect(await ask('a', first.epoch)).toMatchObject({ outcome: 'granted' });
  });

  it('goes beyond what its server says it was, also where the books are older than that', async () => {
    const ahead = Math.floor(Date.now() / 1000) + 1_000_000;
    expect((await ask('a', ahead)).epoch).toBe(ahead + 1);
  });

  it('that goes on asking for what it never heard it was granted has it back within two leases', async () => {
    const { epoch } = await ask('a', 0, 900);
    await later(20);
    // The answer was lost on its way: nothing is in the till, and nothing under way in it.
    const refused = await ask('a', epoch, 200, 0, 0);
    expect(granted(refused)).toEqual([100]);
    let last = refused.epoch;
    for (const seconds of [30, 30, 52]) {
      await later(seconds);
      last = (await ask('a', last, 200, 0, 100)).epoch;
    }
    await closeTills(db, new Date(), USUAL_LEASES);
    expect(granted(await ask('a', last, 200, 0, 100))).toEqual([200]);
  });

  it('is not opened anew for what its requests hold, or for what a moment ago was granted', async () => {
    const { epoch } = await ask('a', 0, 900);
    expect((await ask('a', epoch, 200, 0, 0)).epoch).toBe(epoch);
    await later(20);
    expect((await ask('a', epoch, 200)).epoch).toBe(epoch);
    expect((await ask('a', epoch, 200, 0, 950)).epoch).toBe(epoch);
  });
});
