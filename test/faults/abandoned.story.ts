import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { NatsConnection } from '@nats-io/transport-node';
import { Redis } from 'ioredis';
import { Client } from 'pg';
import { EscrowRpc } from '#contracts/escrow';
import type { UsageEvent } from '#contracts/usage';
import { HoldSweep } from '#counters/hold-sweep';
import { RedisTills } from '#counters/redis-tills';
import { USUAL_LEASES } from '#domain/budget/leases';
import { newId } from '#domain/id';
import { parseMoney } from '#domain/money';
import { BusClient } from '#rpc/client';
import { connectBus } from '#rpc/connect';
import { publishUsage } from '#rpc/usage-stream';
import { type EdgeStack, startEdge } from '../edge.js';
import { chat, eventually } from '../stack.js';

let edge: EdgeStack;
let redis: Redis;
let bus: NatsConnection;
let db: Client;
beforeAll(async () => {
  edge = await startEdge();
  redis = new Redis(edge.stack.servers.redis);
  bus = await connectBus({ url: edge.stack.servers.nats, name: 'test' });
  db = new Client({ connectionString: edge.stack.servers.postgres });
  await db.connect();
});
afterAll(async () => {
  redis?.disconnect();
  await db?.end();
  await bus?.close();
  await edge?.stop();
});

interface View {
  requests: number;
  usage: string;
}

/** A request under way, and beside it a hold that nobody extends, as a gateway leaves it that does not reach Redis any more. */
async function orphaned(id: string, key: string) {
  edge.one.control.next({ firstByteDelayMs: 30_000 });
  const leaving = new AbortController();
  const held = chat(edge.url, key, { model: 'fake', max_tokens: 50 }, leaving.signal).catch(() => null);
  const [live, holds] = [`keyward:{${id}}:live`, `keyward:{${id}}:till`];
  const [request] = await eventually(
    () => redis.zrange(live, '0', '-1'),
    ({ length }) => length === 1,
  );
  const orphan = newId('request', Date.now(), randomBytes(10));
  const left = ((await redis.hgetBuffer(holds, request as string)) as Buffer).toString('latin1');
  const memo = left.replace(request as string, orphan);
  const event = JSON.parse(/\{"request_id".*\}/s.exec(memo)?.[0] ?? 'null') as UsageEvent;
  leaving.abort();
  await held;
  await eventually(
    () => redis.zcard(live),
    (count) => count === 0,
  );
  return {
    event: { ...event, request_id: orphan },
    /** Its deadline is over. */
    dies: async () => {
      await redis.hset(holds, orphan, Buffer.from(memo, 'latin1'));
      await redis.zadd(live, Date.now() - 1, orphan);
    },
    isThere: async () => (await redis.zscore(live, orphan)) !== null,
  };
}

describe('a hold whose gateway lives and does not reach Redis', () => {
  it('is left alone for as long as the bank is told that it lives, and then given back by what it came to', async () => {
    const { id, key } = await edge.stack.admin.createKey({ budget: '0.01' });
    const orphan = await orphaned(id, key);
    const client = new BusClient({ connection: bus, service: 'test' });
    const { organization_id, project_id, key_id, request_id } = orphan.event;
    const [{ epoch }] = (await db.query('SELECT epoch FROM usage.till WHERE key_id = $1', [key_id])).rows;
    const hold = { till: 'redis', epoch: Number(epoch) };
    const buckets = [{ bucket: `${key_id}/0`, held_nanos: '300000' }];
    const admitted_at = new Date().toISOString();
    const kept = { organization_id, project_id, key_id, ...hold, request_id, admitted_at, buckets };
    await client.call(EscrowRpc.keepHolds, { holds: [kept] });
    await orphan.dies();
    expect((await chat(edge.url, key, { model: 'fake', max_tokens: 50 })).status).toBe(200);
    const requests = async () =>
      ((await (await edge.stack.admin.call('GET', `/api/api-keys/${id}`)).json()) as View).requests;
    await eventually(requests, (count) => count === 2, 20_000);
    expect(await orphan.isThere()).toBe(true);

    // It has ended, and cost more than its input alone.
    await publishUsage(bus, randomUUID(), {
      events: [{ ...orphan.event, outcome: 'ok', status: 200, cost_nanos: '250000', hold }],
      denials: [],
    });
    await eventually(requests, (count) => count === 3, 20_000);
    await orphan.dies();
    expect((await chat(edge.url, key, { model: 'fake', max_tokens: 50 })).status).toBe(200);
    await eventually(orphan.isThere, (is) => !is);
    await eventually(requests, (count) => count === 4, 20_000);
    const rows = await db.query('SELECT kind, outcome FROM usage.usage_event WHERE request_id = $1', [request_id]);
    expect(rows.rows).toEqual([{ kind: 'final', outcome: 'ok' }]);
  });
});

describe('P4: a hold whose gateway is dead', () => {
  it.each(['the next request of its key', 'a sweep'])(
    'is found by %s, charged with its input, and given back',
    async (finder) => {
      const { id, key } = await edge.stack.admin.createKey({ budget: '0.01' });
      edge.one.control.next({ firstByteDelayMs: 30_000 });
      const leaving = new AbortController();
      const held = chat(edge.url, key, { model: 'fake', max_tokens: 50 }, leaving.signal).catch(() => null);
      const live = `keyward:{${id}}:live`;
      const [request] = await eventually(
        () => redis.zrange(live, '0', '-1'),
        ({ length }) => length === 1,
      );
      // What a killed gateway leaves behind: a hold like this one, and 45 seconds later nobody has extended it.
      const orphan = newId('request', Date.now(), randomBytes(10));
      const left = (await redis.hgetBuffer(`keyward:{${id}}:till`, request as string)) as Buffer;
      const memo = Buffer.from(left.toString('latin1').replace(request as string, orphan), 'latin1');
      await redis.hset(`keyward:{${id}}:till`, orphan, memo);
      await redis.zadd(live, Date.now() - 1, orphan);
      leaving.abort();
      await held;

      const view = async () => (await (await edge.stack.admin.call('GET', `/api/api-keys/${id}`)).json()) as View;
      const before = await eventually(view, ({ requests }) => requests === 1, 20_000);
      if (finder === 'a sweep') {
        const found: string[] = [];
        const server = { redis, tills: new RedisTills(redis) };
        const sweep = new HoldSweep(
          { all: () => [server], having: () => server },
          () => true,
          (_, claims) => found.push(...claims.map(({ request }) => request)),
          USUAL_LEASES,
        );
        await redis.del('keyward:sweep');
        await sweep.sweep();
        sweep.stop();
        expect(found).toEqual([orphan]);
        return;
      }
      expect((await chat(edge.url, key, { model: 'fake', max_tokens: 50 })).status).toBe(200);
      const after = await eventually(view, ({ requests }) => requests === 3, 20_000);
      expect(parseMoney(after.usage) ?? 0n).toBeGreaterThan(parseMoney(before.usage) ?? 0n);
      await eventually(
        () => redis.zcard(live),
        (count) => count === 0,
      );
    },
  );
});
