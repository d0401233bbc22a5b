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
import { KeepHolds } from '../operations/keep-holds.js';
import { openStore } from '../store/open-store.js';
import { closeTills } from './close-tills.js';
import { settle } from './settle.js';

let db: DataSource;
let grants: GrantSlices;
let holds: KeepHolds;
beforeAll(async () => {
  const { postgres } = await emptyServers();
  db = await openStore(postgres, createLog('usage', 'fatal'));
  grants = new GrantSlices(db, USUAL_LEASES);
  holds = new KeepHolds(db, USUAL_LEASES);
});
afterAll(async () => {
  await db?.destroy();
});

const id = (kind: Parameters<typeof newId>[0]) => newId(kind, Date.now(), randomBytes(10));
const house = { organization_id: id('organization'), project_id: id('project') };
let key: string;
let bucket: string;
beforeEach(() => {
  key = id('key');
  bucket = bucketId(key, 0, null);
});

const ask = (need: number, epoch = 0, run = 'a'): Promise<GrantReply> => {
  const asked = { bucket, limit_nanos: '1000', need_nanos: String(need), want_nanos: '0', returned_nanos: '0' };
  return grants.run({ ...house, key_id: key, till: 'redis', run, epoch, revision: 1, buckets: [asked] });
};

const holdOf = (request_id: string, epoch: number, held: number) => ({
  ...house,
  key_id: key,
  till: 'redis',
  epoch,
  request_id,
  admitted_at: new Date().toISOString(),
  buckets: [{ bucket, held_nanos: String(held) }],
});

const later = (seconds: number) =>
  Promise.all([
    db.query(
      `UPDATE till SET opened_at = opened_at - $2::interval, lease_until = lease_until - $2::interval,
              superseded_at = superseded_at - $2::interval WHERE key_id = $1`,
      [key, `${seconds} seconds`],
    ),
    db.query('UPDATE kept_hold SET kept_until = kept_until - $2::interval WHERE key_id = $1', [
      key,
      `${seconds} seconds`,
    ]),
  ]);

const close = () => closeTills(db, new Date(), USUAL_LEASES);
const granted = async () => Number((await db.query('SELECT granted FROM bucket WHERE id = $1', [bucket]))[0].granted);

describe('a till that nobody can spend from any more', () => {
  it('is closed when its lease and what may come after it are over, and everything left in it is free again', async () => {
    await ask(600);
    await later(105);
    expect(await close()).toBe(0);
    expect(await granted()).toBe(600);
    await later(6);
    expect(await close()).toBe(1);
    expect(await granted()).toBe(0);
    expect((await ask(1000)).buckets).toMatchObject([{ granted_nanos: '1000', outside_nanos: '0' }]);
  });

  it('is not closed while a gateway, or the stream, may still have something to tell of it', async () => {
    await ask(600);
    await later(200);
    expect(await closeTills(db, new Date(Date.now() - 150_000), USUAL_LEASES)).toBe(0);
    expect(await granted()).toBe(600);
    expect(await close()).toBe(1);
  });

  it('is not the one that took over from it', async () => {
    const { epoch } = await ask(300);
    await later(3);
    const second = await ask(200, epoch, 'b');
    await db.query(
      "UPDATE till SET lease_until = lease_until - interval '111 seconds' WHERE key_id = $1 AND epoch = $2",
      [key, epoch],
    );
    expect(await close()).toBe(1);
    expect(await granted()).toBe(200);
    expect((await ask(0, second.epoch, 'b')).epoch).toBe(second.epoch);
  });

  it('keeps what living requests hold, until they have ended or say so no more', async () => {
    const { epoch } = await ask(600);
    await later(111);
    const [living, silent] = [id('request'), id('request')];
    const told = [holdOf(living, epoch, 150), holdOf(silent, epoch, 100)];
    expect((await holds.run({ holds: told })).kept.sort()).toEqual([living, silent].sort());
    expect(await close()).toBe(1);
    expect(await granted()).toBe(250);
    expect(await close()).toBe(0);
    // The cost of the one that has ended comes out of what was kept.
    const cost = { spend_epoch: 0, window_start: null, project_spend_epoch: 0, project_window_start: null };
    await db.transaction((tx) =>
      settle(tx, [
        {
          ...house,
          ...cost,
          key_id: key,
          own_key: false,
          prepaid: false,
          currency: 'USD',
          cost_nanos: '40',
          hold: { till: 'redis', epoch },
        },
      ]),
    );
    expect(await granted()).toBe(210);
    await later(50);
    expect(await close()).toBe(1);
    expect(await granted()).toBe(0);
  });

  it('takes no more requests in once it is closed, and renews those it has', async () => {
    const { epoch } = await ask(600);
    const [early, late] = [id('request'), id('request')];
    await holds.run({ holds: [holdOf(early, epoch, 150)] });
    await db.query("UPDATE till SET lease_until = lease_until - interval '111 seconds' WHERE key_id = $1", [key]);
    expect(await close()).toBe(1);
    const again = [holdOf(early, epoch, 150), holdOf(late, epoch, 100)];
    expect((await holds.run({ holds: again })).kept).toEqual([early]);
    const strangers = [{ ...holdOf(early, epoch, 150), organization_id: id('organization') }];
    expect((await holds.run({ holds: strangers })).kept).toEqual([]);
    expect((await holds.run({ holds: [holdOf(id('request'), epoch + 1, 1)] })).kept).toEqual([]);
  });

  it('is closed by one of several replicas, and freed once', async () => {
    const keys = Array.from({ length: 30 }, () => id('key'));
    const shared = bucketId(house.project_id, 0, null);
    for (const each of keys) {
      const asked = { bucket: shared, limit_nanos: '100000', need_nanos: '100', want_nanos: '0', returned_nanos: '0' };
      await grants.run({ ...house, key_id: each, till: 'redis', run: 'a', epoch: 0, revision: 1, buckets: [asked] });
    }
    await db.query("UPDATE till SET lease_until = lease_until - interval '111 seconds' WHERE key_id = ANY($1)", [keys]);
    const [before] = await db.query('SELECT granted FROM bucket WHERE id = $1', [shared]);
    const closed = await Promise.all([close(), close(), close(), close()]);
    expect(Number(before.granted)).toBeGreaterThan(0);
    expect(closed.reduce((sum, each) => sum + each)).toBe(30);
    expect((await db.query('SELECT granted FROM bucket WHERE id = $1', [shared]))[0].granted).toBe('0');
  });
});
