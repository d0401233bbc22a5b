import { randomBytes, randomInt } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import type { GrantReply } from '#contracts/escrow';
import { bucketId, creditsBucketId } from '#domain/budget/bucket-id';
import { USUAL_LEASES } from '#domain/budget/leases';
import { newId } from '#domain/id';
import { createLog } from '#runtime/log';
import { emptyServers } from '../../../../test/stack.js';
import { GrantSlices } from '../operations/grant-slices.js';
import { openStore } from '../store/open-store.js';
import { settle } from './settle.js';
import type { Charged } from './settlement.js';

const CONNECTIONS = 12;
const ROUNDS = 60;

let db: DataSource;
let grants: GrantSlices;
beforeAll(async () => {
  const { postgres } = await emptyServers();
  db = await openStore(postgres, createLog('usage', 'fatal'), CONNECTIONS);
  grants = new GrantSlices(db, USUAL_LEASES);
});
afterAll(async () => {
  await db?.destroy();
});

const id = (kind: Parameters<typeof newId>[0]) => newId(kind, Date.now(), randomBytes(10));

/** Limits as an admin has set them: whoever reads them reads all of one revision. */
interface Limits {
  readonly revision: number;
  readonly key: bigint;
  readonly project: bigint;
  readonly epoch: number;
}

/** A till that forgets, is flushed and replaced like any other, but spends only what it was given. */
class Till {
  readonly charged: Charged[] = [];
  private epoch = 0;
  private run = 'run';
  private readonly slices = new Map<string, bigint>();

  constructor(
    private readonly house: { organization_id: string; project_id: string },
    private readonly key_id: string,
    private readonly name: string,
  ) {}

  async refill({ revision, key, project, epoch }: Limits): Promise<GrantReply> {
    const limits: [string, bigint | null][] = [
      [bucketId(this.key_id, epoch, null), key],
      [bucketId(this.house.project_id, 0, null), project],
      [creditsBucketId(this.house.organization_id, 'USD'), null],
    ];
    const buckets = limits.map(([bucket, limit]) => ({
      bucket,
      limit_nanos: limit === null ? null : String(limit),
      need_nanos: String(randomInt(0, 2000)),
      want_nanos: String(randomInt(0, 4000)),
      returned_nanos: String(this.giveBack(bucket)),
    }));
    const { name: till, run, key_id } = this;
    const reply = await grants.run({ ...this.house, key_id, till, run, epoch: this.epoch, revision, buckets });
    if (reply.epoch !== this.epoch) this.slices.clear();
    this.epoch = reply.outcome === 'superseded' ? 0 : reply.epoch;
    for (const { bucket, granted_nanos } of reply.buckets) this.add(bucket, BigInt(granted_nanos));
    return reply;
  }

  /** A request that costs something and fits everything, if it does. */
  spend({ epoch }: Limits): Charged | null {
    const cost = BigInt(randomInt(1, 900));
    const charged: Charged = {
      ...this.house,
      key_id: this.key_id,
      spend_epoch: epoch,
      window_start: null,
      project_spend_epoch: 0,
      project_window_start: null,
      own_key: false,
      prepaid: true,
      currency: 'USD',
      cost_nanos: String(cost),
      hold: this.epoch ? { till: this.name, epoch: this.epoch } : null,
    };
    const buckets = [
      bucketId(this.key_id, epoch, null),
      bucketId(this.house.project_id, 0, null),
      creditsBucketId(this.house.organization_id, 'USD'),
    ];
    if (!this.epoch || buckets.some((bucket) => (this.slices.get(bucket) ?? 0n) < cost)) return null;
    for (const bucket of buckets) this.add(bucket, -cost);
    this.charged.push(charged);
    return charged;
  }

  flush(): void {
    this.epoch = 0;
    this.slices.clear();
    if (randomInt(2)) this.run = `run ${randomInt(1e9)}`;
  }

  private giveBack(bucket: string): bigint {
    const held = this.slices.get(bucket) ?? 0n;
    const back = randomInt(4) === 0 ? held / 2n : 0n;
    this.add(bucket, -back);
    return back;
  }

  private add(bucket: string, nanos: bigint): void {
    this.slices.set(bucket, (this.slices.get(bucket) ?? 0n) + nanos);
  }
}

interface Row {
  id: string;
  settled: string;
  granted: string;
  limit_nanos: string;
  outstanding: string;
}

const books = (): Promise<Row[]> =>
  db.query(
    `SELECT b.*, coalesce((SELECT sum(outstanding) FROM slice s WHERE s.bucket_id = b.id), 0) AS outstanding
       FROM bucket b ORDER BY id`,
  );

async function market(limitsNow: () => Limits, disturb: () => void) {
  const house = { organization_id: id('organization'), project_id: id('project') };
  const credits = creditsBucketId(house.organization_id, 'USD');
  await db.query('INSERT INTO bucket (id, organization_id, limit_nanos) VALUES ($1, $2, 700000)', [
    credits,
    house.organization_id,
  ]);
  const keys = [id('key'), id('key'), id('key')];
  const tills = keys.flatMap((key) => ['redis', 'one', 'two'].map((name) => new Till(house, key, name)));
  const wrong: unknown[] = [];
  let newest = 0;
  const round = async (till: Till) => {
    disturb();
    const limits = limitsNow();
    newest = Math.max(newest, limits.revision);
    const reply = await till.refill(limits);
    wrong.push(...reply.buckets.filter(isTooMuch));
    const spent = Array.from({ length: randomInt(5) }, () => till.spend(limits)).filter((each) => each !== null);
    if (spent.length) await db.transaction((tx) => settle(tx, spent));
    if (randomInt(12) === 0) till.flush();
  };
  const live = async (till: Till) => {
    for (let rounds = 0; rounds < ROUNDS; rounds++) await round(till);
  };
  await Promise.all(tills.map(live));
  const rows = (await books()).filter(({ id }) =>
    [house.project_id, credits, ...keys].some((part) => id.startsWith(part)),
  );
  return { house, rows, wrong, newest, charged: tills.flatMap((till) => till.charged) };
}

function isTooMuch({
  limit_nanos,
  settled_nanos,
  outside_nanos,
  granted_nanos,
}: GrantReply['buckets'][number]): boolean {
  const there = BigInt(limit_nanos) - BigInt(settled_nanos) - BigInt(outside_nanos);
  return BigInt(granted_nanos) > 0n && there < BigInt(granted_nanos);
}

describe('the bank, with many tills at once and no two in the same order,', () => {
  it('never sets aside and settles more than a limit, and loses no nano of either', async () => {
    const limits = { revision: 1, key: 300_000n, project: 600_000n, epoch: 0 };
    const { house, rows, wrong, charged } = await market(
      () => limits,
      () => {},
    );
    expect(wrong).toEqual([]);
    expect(rows).toHaveLength(5);
    for (const { granted, outstanding, settled, limit_nanos } of rows) {
      expect(granted).toBe(outstanding);
      expect(BigInt(settled) + BigInt(granted)).toBeLessThanOrEqual(BigInt(limit_nanos));
    }
    const spent = charged.reduce((sum, { cost_nanos }) => sum + BigInt(cost_nanos), 0n);
    expect(spent).toBeGreaterThan(0n);
    const settled = new Map(rows.map((row) => [row.id, BigInt(row.settled)]));
    expect(settled.get(bucketId(house.project_id, 0, null))).toBe(spent);
    expect(settled.get(creditsBucketId(house.organization_id, 'USD'))).toBe(spent);
  });

  it('keeps to limits that are raised, lowered and reset meanwhile, the newest of all that are asked with', async () => {
    let newest: Limits = { revision: 1, key: 300_000n, project: 600_000n, epoch: 0 };
    let before = newest;
    const projectLimits = new Map([[1, newest.project]]);
    const disturb = () => {
      if (randomInt(20)) return;
      before = newest;
      newest = {
        revision: newest.revision + 1,
        key: BigInt(randomInt(1_000, 400_000)),
        project: BigInt(randomInt(100_000, 900_000)),
        epoch: newest.epoch + (randomInt(5) ? 0 : 1),
      };
      projectLimits.set(newest.revision, newest.project);
    };
    // Some gateways have not heard of the change yet.
    const { house, rows, wrong, charged, ...asked } = await market(() => (randomInt(3) ? newest : before), disturb);
    expect(wrong).toEqual([]);
    for (const { granted, outstanding } of rows) expect(granted).toBe(outstanding);
    const project = rows.find(({ id }) => id === bucketId(house.project_id, 0, null));
    expect(project?.settled).toBe(String(charged.reduce((sum, { cost_nanos }) => sum + BigInt(cost_nanos), 0n)));
    expect(asked.newest).toBeGreaterThan(3);
    expect(project?.limit_nanos).toBe(String(projectLimits.get(asked.newest)));
  });
});
