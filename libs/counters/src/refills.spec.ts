import { describe, expect, it } from '@jest/globals';
import type { GrantReply } from '#contracts/escrow';
import { USUAL_LEASES } from '#domain/budget/leases';
import type { BusClient } from '#rpc/client';
import { eventually } from '../../../test/eventually.js';
import { askingOf, type LimitedKey } from './asking.js';
import { MemoryTills } from './memory-tills.js';
import { Refills } from './refills.js';

const NO_RATES = {
  ...{ carrying: () => '', carried: () => ({ requests: [], tokens: [] }), admitted: () => {}, corrected: () => {} },
};
const key: LimitedKey = {
  ...{ key_id: 'key_1', project_id: 'prj_1', organization_id: 'org_1', currency: 'USD', revision: 1 },
  ...{ rate_limit: null, token_limit: null, max_parallel: null, budget: '1', recurring_limit: null },
  ...{ recurring_since: null, spend_epoch: 0, project_budget: null, project_recurring_limit: null },
  ...{ project_recurring_since: null, project_spend_epoch: 0, prepaid: false },
};

/** A bank whose answer is given when the test says so. */
function slowBank(more: Partial<GrantReply> = {}) {
  const answer = Promise.withResolvers<GrantReply>();
  const client = { call: () => answer.promise } as unknown as Pick<BusClient, 'call'>;
  const tills = new MemoryTills('me', USUAL_LEASES, NO_RATES);
  const request = { key, requestId: 'req_1', at: Date.now(), amount: 10n, tokens: 1, ownKey: false, memo: null };
  const asking = askingOf(request, tills, null);
  const money = { limit_nanos: '1000000000', settled_nanos: '0', free_nanos: '999999900', outside_nanos: '0' };
  const bucket = asking.buckets[0]?.id ?? '';
  const reply: GrantReply = {
    ...{ outcome: 'granted', epoch: 7, lease_ms: USUAL_LEASES.lease },
    buckets: [{ bucket, granted_nanos: '100', ...money }],
    ...more,
  };
  return { answer: () => answer.resolve(reply), tills, asking, refills: new Refills(client, USUAL_LEASES) };
}

const open = { outcome: 'refill', why: 'open', slot: -1, returned: [0, 0, 0, 0, 0], claims: [] } as const;

describe('a grant whose answer comes too late for its request', () => {
  it('is put into the till for the next one: what was set aside does not lie there unspent', async () => {
    const { answer, tills, asking, refills } = slowBank();
    const facts = await tills.look(key.key_id);
    const at = performance.now();
    await expect(refills.fetch(tills, key, asking, { ...facts, ...open })).rejects.toMatchObject({
      code: 'service_unavailable',
    });
    expect(performance.now() - at).toBeLessThan(900);
    expect((await tills.look(key.key_id)).epoch).toBe(0);
    answer();
    await eventually(
      () => tills.look(key.key_id),
      ({ epoch, slots }) => epoch === 7 && slots[0]?.slice === 100,
    );
  });
});

describe('a bank that gives shorter leases than its tills live by', () => {
  it('is told of the wrong setting, and nothing is spent from what it gave', async () => {
    const { answer, tills, asking, refills } = slowBank({ lease_ms: USUAL_LEASES.lease - 1 });
    answer();
    const facts = await tills.look(key.key_id);
    await expect(refills.fetch(tills, key, asking, { ...facts, ...open })).rejects.toThrow('KEYWARD_LEASE_SECONDS');
    expect((await tills.look(key.key_id)).epoch).toBe(0);
  });
});

describe('what a till wants beyond its need', () => {
  it('is twice what did not last, and never more than an eighth of its limit', async () => {
    const { asking } = slowBank();
    const tills = new MemoryTills('me', USUAL_LEASES, NO_RATES);
    const wanted: string[] = [];
    const call = async (_: unknown, asked: { buckets: { want_nanos: string }[] }) => {
      const want = asked.buckets[0]?.want_nanos ?? '';
      wanted.push(want);
      const money = { limit_nanos: '1000', settled_nanos: '0', free_nanos: '999', outside_nanos: '0' };
      const granted = { bucket: asking.buckets[0]?.id, granted_nanos: String(Math.max(40, Number(want))), ...money };
      return { outcome: 'granted', epoch: 7, lease_ms: USUAL_LEASES.lease, buckets: [granted] };
    };
    const refills = new Refills({ call } as unknown as Pick<BusClient, 'call'>, USUAL_LEASES);
    for (const why of ['open', 'short', 'short', 'short'] as const) {
      await refills.fetch(tills, key, asking, { ...(await tills.look(key.key_id)), ...open, why });
      // All of it is spent at once.
      const { slots } = await tills.look(key.key_id);
      const ask = { ...asking.ask, request: `req_${wanted.length}`, amount: slots[0]?.slice ?? 0 };
      expect((await tills.reserve(key.key_id, ask)).outcome).toBe('held');
    }
    expect(wanted).toEqual(['1', '80', '125', '125']);
  });

  it('is not what was taken out of it: nobody knows how fast that would have been spent', async () => {
    const tills = new MemoryTills('me', USUAL_LEASES, NO_RATES);
    const { asking, refills, answer } = slowBank();
    answer();
    await refills.fetch(tills, key, asking, { ...(await tills.look(key.key_id)), ...open });
    const { epoch, slots } = await tills.look(key.key_id);
    expect(slots[0]?.grant).toBe(100);
    expect(await tills.take(key.key_id, epoch, [true, true, true, true, true], 0)).toEqual([100, 0, 0, 0, 0]);
    expect((await tills.look(key.key_id)).slots[0]?.grant).toBe(0);
  });
});

describe('what a till tells the bank that it has', () => {
  it('is told where nothing is under way in it and the ledger must have heard of what was, and nowhere else', async () => {
    const { asking } = slowBank();
    let now = Date.now();
    const tills = new MemoryTills('me', USUAL_LEASES, NO_RATES, () => now);
    const told: unknown[] = [];
    const call = async (_: unknown, asked: { buckets: { has_nanos?: string }[] }) => {
      told.push(asked.buckets[0]?.has_nanos);
      const [bucket] = asking.buckets;
      const money = { limit_nanos: '1000000000', settled_nanos: '0', free_nanos: '0', outside_nanos: '0' };
      const granted = { bucket: bucket?.id, granted_nanos: '15', ...money };
      return { outcome: 'granted', epoch: 7, lease_ms: USUAL_LEASES.lease, buckets: [granted] };
    };
    const refills = new Refills({ call } as unknown as Pick<BusClient, 'call'>, USUAL_LEASES);
    const short = { ...open, why: 'short', slot: 0 } as const;
    await refills.fetch(tills, key, asking, { ...(await tills.look(key.key_id)), ...open });
    await refills.fetch(tills, key, asking, { ...(await tills.look(key.key_id)), ...short });
    expect((await tills.reserve(key.key_id, asking.ask)).outcome).toBe('held');
    const ask = async () => refills.fetch(tills, key, asking, { ...(await tills.look(key.key_id)), ...short });
    await ask();
    const off = { ownKey: false, second: 0, requestsOff: 0, tokensOff: 0 };
    await tills.settle(key.key_id, { request: asking.ask.request, held: true, cost: 4, ...off });
    await ask();
    now += 10_000;
    await ask();
    expect(told).toEqual([undefined, '15', undefined, undefined, '56']);
  });
});
