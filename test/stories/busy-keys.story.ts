import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { Client } from 'pg';
import { parseMoney } from '#domain/money';
import { type EdgeStack, startEdge } from '../edge.js';
import { chat, eventually } from '../stack.js';

let edge: EdgeStack;
let gateways: readonly [string, string];
let db: Client;
let redis: Redis;
beforeAll(async () => {
  edge = await startEdge();
  gateways = [edge.url, (await edge.stack.startGateway()).url as string];
  db = new Client({ connectionString: String(edge.stack.env.KEYWARD_POSTGRES_URL), options: '-c search_path=usage' });
  redis = new Redis(String(edge.stack.env.KEYWARD_REDIS_URL));
  await db.connect();
}, 60_000);
afterAll(async () => {
  redis?.disconnect();
  await db?.end();
  await edge?.stop();
});
beforeEach(() => edge.reset());

/** 100 tokens of input and 50 of output at 1 and 2 for a million: the two hundredth part of a cent. */
const USAGE = { input: 100, output: 50 };
const COST = 200_000n;
const CLIENTS = 24;

const ask = (url: string, key: string) => chat(url, key, { model: 'fake', max_tokens: 50 });
const codeOf = async (reply: Response) => ((await reply.json()) as { error: { code: string } }).error.code;

interface Told {
  served: number;
  denied: number;
  codes: Set<string>;
}

/** Clients of both gateways that ask one after the other until they are told that there is no more, or often enough. */
async function spend(key: string, each: number): Promise<Told> {
  const told: Told = { served: 0, denied: 0, codes: new Set() };
  const client = async (url: string) => {
    for (let i = 0; i < each; i++) {
      const reply = await ask(url, key);
      if (reply.status === 200) {
        await reply.text();
        told.served++;
      } else if (reply.status !== 503) {
        // 503 is what a machine that is too slow says: no promise is broken by it.
        told.denied++;
        told.codes.add(await codeOf(reply));
        return;
      }
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, (_, i) => client(gateways[i % 2 ? 0 : 1])));
  return told;
}

/** By where their money was set aside. */
async function rowsOf(keyId: string): Promise<{ all: number; alone: number }> {
  const { rows } = await db.query<{ all: number; alone: number }>(
    `SELECT count(*)::int AS all, count(*) FILTER (WHERE till <> 'redis')::int AS alone
       FROM usage_event WHERE key_id = $1 AND kind = 'final'`,
    [keyId],
  );
  return rows[0] as { all: number; alone: number };
}

const scripts = async () => {
  const found = /cmdstat_evalsha:calls=(\d+)/.exec(await redis.info('commandstats'));
  return Number(found?.[1] ?? 0);
};

describe('a key that a gateway sees often', () => {
  it('P1: spends no more than its budget over two gateways that let it in by themselves, and nearly all of it', async () => {
    edge.one.control.always({ usage: USAGE });
    const { id, key } = await edge.stack.admin.createKey({ budget: '0.2', rate_limit: null });
    const { served, codes } = await spend(key, 1000);
    expect([...codes]).toEqual(['spend_limit_reached']);
    expect(served).toBeLessThanOrEqual(1000);
    expect(edge.one.record.requests).toHaveLength(served);
    const { alone } = await eventually(
      () => rowsOf(id),
      ({ all }) => all === served,
      20_000,
    );
    // Else nothing of this was shown.
    expect(alone).toBeGreaterThan(50);
    // What the two had for themselves is for everybody again: the rest can be spent, to the last call that fits.
    let last = served;
    await eventually(
      async () => {
        const reply = await ask(gateways[0], key);
        if (reply.status === 200) last++;
        return (
          reply.status === 402 &&
          !((await reply.json()) as { error: { details: { retryable: boolean } } }).error.details.retryable
        );
      },
      Boolean,
      45_000,
    );
    expect(last).toBeGreaterThanOrEqual(998);
    expect(last).toBeLessThanOrEqual(1000);
    const usageOf = async () =>
      (await (await edge.stack.admin.call('GET', `/api/api-keys/${id}`)).json()) as { usage: string };
    await eventually(usageOf, ({ usage }) => parseMoney(usage) === COST * BigInt(last), 20_000);
  }, 120_000);

  it('P13: has no more requests in a minute than its limit, over both, and not one less', async () => {
    edge.one.control.always({ usage: USAGE });
    const begun = performance.now();
    const { key } = await edge.stack.admin.createKey({ rate_limit: 1500, token_limit: null });
    const before = await scripts();
    const { served, codes } = await spend(key, 1500);
    const asked = (await scripts()) - before;
    expect([...codes]).toEqual(['rate_limit_exceeded']);
    // All of it within one minute: nothing of it can have been over before the last was let in.
    if (performance.now() - begun < 60_000) expect(served).toBe(1500);
    expect(edge.one.record.requests).toHaveLength(served);
    // Of the last quarter each is asked for and settled, of the rest next to none.
    expect(asked).toBeLessThan(served);
  }, 90_000);

  it('says what is left with each answer, and counts down', async () => {
    edge.one.control.always({ usage: USAGE });
    const { key } = await edge.stack.admin.createKey({ rate_limit: 5000, budget: '5' });
    const left: { requests: number; money: string }[] = [];
    for (let i = 0; i < 150; i++) {
      const { headers } = await ask(gateways[0], key);
      left.push({
        requests: Number(headers.get('x-ratelimit-remaining-requests')),
        money: String(headers.get('x-keyward-spend-remaining')),
      });
    }
    expect(left[0]?.requests).toBe(4999);
    expect(left.at(-1)?.requests).toBeGreaterThanOrEqual(4850);
    expect(left.at(-1)?.requests).toBeLessThan(4999);
    for (const { money } of left) expect(parseMoney(money)).toBeLessThanOrEqual(parseMoney('5') as bigint);
  }, 60_000);

  it('P5: is refused by both when it is disabled, and the money it had there is free again', async () => {
    edge.one.control.always({ usage: USAGE });
    const { id, key } = await edge.stack.admin.createKey({ budget: '5', rate_limit: null });
    const spending = spend(key, 5000);
    await eventually(
      () => rowsOf(id),
      ({ alone }) => alone > 50,
      20_000,
    );
    await edge.stack.admin.call('POST', `/api/api-keys/${id}/disable`);
    const { served, codes } = await spending;
    expect([...codes]).toEqual(['key_disabled']);
    await eventually(
      () => rowsOf(id),
      ({ all }) => all === served,
      20_000,
    );
    const granted = async () =>
      (await db.query<{ granted: string }>(`SELECT granted FROM bucket WHERE id = $1`, [`${id}/0`])).rows[0]?.granted;
    const inRedis = async () =>
      (
        await db.query<{ sum: string | null }>(
          `SELECT sum(outstanding) FROM slice WHERE key_id = $1 AND till = 'redis'`,
          [id],
        )
      ).rows[0]?.sum;
    await eventually(async () => (await granted()) === ((await inRedis()) ?? '0'), Boolean, 20_000);
  }, 90_000);
});
