import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { HoldSweep } from '#counters/hold-sweep';
import { newId } from '#domain/id';
import { parseMoney } from '#domain/money';
import { type EdgeStack, startEdge } from '../edge.js';
import { chat, eventually } from '../stack.js';

let edge: EdgeStack;
let redis: Redis;
beforeAll(async () => {
  edge = await startEdge();
  redis = new Redis(edge.stack.servers.redis);
});
afterAll(async () => {
  redis?.disconnect();
  await edge?.stop();
});

interface View {
  requests: number;
  usage: string;
}

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
      const left = (await redis.hgetBuffer(`keyward:{${id}}:holds`, request as string)) as Buffer;
      const memo = Buffer.from(left.toString('latin1').replace(request as string, orphan), 'latin1');
      await redis.hset(`keyward:{${id}}:holds`, orphan, memo);
      await redis.zadd(live, Date.now() - 1, orphan);
      leaving.abort();
      await held;

      const view = async () => (await (await edge.stack.admin.call('GET', `/api/api-keys/${id}`)).json()) as View;
      const before = await eventually(view, ({ requests }) => requests === 1, 20_000);
      if (finder === 'a sweep') {
        const found: string[] = [];
        const sweep = new HoldSweep(
          redis,
          () => true,
          (_, claims) => found.push(...claims.map(({ request }) => request)),
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
