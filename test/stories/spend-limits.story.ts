import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { parseMoney } from '#domain/money';
import { type EdgeStack, startEdge } from '../edge.js';
import { chat, eventually } from '../stack.js';

let edge: EdgeStack;
let second: string;
beforeAll(async () => {
  edge = await startEdge();
  second = (await edge.stack.startGateway()).url as string;
});
afterAll(() => edge?.stop());
beforeEach(() => edge.reset());

/** A call of `fake` costs 1 for a million tokens of input and 2 for one of output: 100 + 200 nanos of a unit, × 1000. */
const USAGE = { input: 100, output: 50 };
const COST = 200_000n;
const ask = (url: string, key: string, fields: object = {}) =>
  chat(url, key, { model: 'fake', max_tokens: 50, ...fields });

interface Denial {
  error: { code: string; details: Record<string, string | boolean | null> };
}
const denialOf = async (reply: Response) => ((await reply.json()) as Denial).error;
const money = (text: string | boolean | null | undefined) => parseMoney(String(text)) ?? -1n;

interface Standing {
  label: string;
  limits: Record<string, Record<string, string | number | null> | null>;
  usage: Record<string, { requests: number }> | null;
}

async function usageOf(id: string): Promise<{ usage: string; period: { usage: string; reserved: string } | null }> {
  const reply = await edge.stack.admin.call('GET', `/api/api-keys/${id}`);
  return (await reply.json()) as Awaited<ReturnType<typeof usageOf>>;
}

describe('a spend limit', () => {
  it('P1: is never exceeded by 200 requests at once over two gateways, and nearly all of it can be used', async () => {
    edge.one.control.always({ usage: USAGE });
    // Room for 100 calls, if each could be let in with what it will cost; the last does not fit with the most it could.
    const { id, key } = await edge.stack.admin.createKey({ budget: '0.02', rate_limit: null });
    let served = 0;
    const worker = async (url: string) => {
      for (let tries = 0; tries < 400; tries++) {
        const reply = await ask(url, key);
        if (reply.status === 200) {
          await reply.text();
          served++;
          continue;
        }
        expect(reply.status).toBe(402);
        const { code, details } = await denialOf(reply);
        expect(code).toBe('spend_limit_reached');
        expect(money(details.used) + money(details.reserved) + money(details.remaining)).toBe(money('0.02'));
        if (!details.retryable) return;
      }
    };
    await Promise.all(Array.from({ length: 200 }, (_, i) => worker(i % 2 ? edge.url : second)));
    expect(edge.one.record.requests.length).toBe(served);
    expect(served).toBeGreaterThanOrEqual(98);
    expect(served).toBeLessThanOrEqual(100);
    await eventually(
      () => usageOf(id),
      ({ usage }) => parseMoney(usage) === COST * BigInt(served),
      20_000,
    );
  }, 60_000);

  it('A4, B8: the key stops when its budget is used up, and goes on when it is raised', async () => {
    edge.one.control.always({ usage: USAGE });
    const { id, key } = await edge.stack.admin.createKey({ budget: '0.0003' });
    expect((await ask(edge.url, key)).status).toBe(200);
    const denied = await eventually(
      () => ask(edge.url, key),
      ({ status }) => status === 402,
    );
    expect(await denialOf(denied)).toMatchObject({ code: 'spend_limit_reached', details: { limit: 'budget' } });
    expect(denied.headers.get('x-should-retry')).toBe('false');
    await edge.stack.admin.call('PATCH', `/api/api-keys/${id}`, { budget: '0.01' });
    await eventually(
      () => ask(second, key),
      ({ status }) => status === 200,
    );
  });

  it('O5: rejects until it is reset, which starts the count anew', async () => {
    edge.one.control.always({ usage: USAGE });
    const { id, key } = await edge.stack.admin.createKey({ budget: '0.0003' });
    await eventually(
      () => ask(edge.url, key),
      ({ status }) => status === 402,
    );
    expect((await edge.stack.admin.call('POST', `/api/api-keys/${id}/reset-usage`)).status).toBe(200);
    await eventually(
      () => ask(second, key),
      ({ status }) => status === 200,
    );
    await eventually(
      () => usageOf(id),
      ({ usage }) => parseMoney(usage) === COST,
      20_000,
    );
  });

  it('B9: a window of its own, told with the moment it resets; a new configuration starts a new one', async () => {
    edge.one.control.always({ usage: USAGE });
    const { id, key } = await edge.stack.admin.createKey({
      recurring_limit: { amount: '0.0003', every: 1, unit: 'day' },
    });
    const denied = await eventually(
      () => ask(edge.url, key),
      ({ status }) => status === 402,
    );
    const { code, details } = await denialOf(denied);
    expect(code).toBe('period_spend_limit_reached');
    expect(Date.parse(String(details.resets_at))).toBeGreaterThan(Date.now() + 86_000_000);
    expect(Number(denied.headers.get('retry-after'))).toBeGreaterThan(86_000);
    expect(denied.headers.get('x-should-retry')).toBe('false');
    const changed = { recurring_limit: { amount: '0.0004', every: 2, unit: 'day' } };
    await edge.stack.admin.call('PATCH', `/api/api-keys/${id}`, changed);
    await eventually(
      () => ask(second, key),
      ({ status }) => status === 200,
    );
  });

  it('shortens the answer of a call that sets no cap to what the money is enough for', async () => {
    edge.one.control.always({ usage: USAGE });
    const { key } = await edge.stack.admin.createKey({ budget: '0.01' });
    const reply = await chat(edge.url, key, { model: 'fake' });
    expect(reply.status).toBe(200);
    const sent = JSON.parse(edge.one.record.requests[0]?.body.toString('utf8') ?? '{}') as { max_tokens: number };
    // Half of what is left after the input: a token of output costs two thousand nanos.
    expect(sent.max_tokens).toBeGreaterThan(4000);
    expect(sent.max_tokens).toBeLessThanOrEqual(5000);
  });

  it('GET /v1/key tells what a denial would: limit = used + reserved + remaining; and its owner is told the same', async () => {
    edge.one.control.always({ usage: USAGE });
    const recurring_limit = { amount: '0.002', every: 1, unit: 'month' };
    const { id, key } = await edge.stack.admin.createKey({ budget: '0.0004', recurring_limit, rate_limit: 50 });
    const own = async () =>
      (await (await fetch(`${second}/v1/key`, { headers: { authorization: `Bearer ${key}` } })).json()) as Standing;
    expect((await own()).limits).toMatchObject({
      rate_limit: { limit_value: 50, used: 0, remaining: 50 },
      budget: { limit_value: '0.0004', used: '0.00', reserved: '0.00', remaining: '0.0004', resets_at: null },
      project_budget: null,
    });
    const denied = await eventually(
      () => ask(edge.url, key),
      ({ status }) => status === 402,
    );
    const { details } = await denialOf(denied);
    const { limits, label, usage } = await eventually(own, (one) => one.usage?.today?.requests === 1, 20_000);
    expect(label).toMatch(/^test/);
    const { limit_value, used, reserved, remaining } = details;
    expect(limits.budget).toMatchObject({ limit_value, used, reserved, remaining });
    expect(limits.recurring_limit).toMatchObject({ limit_value: '0.002', used: '0.0002' });
    const seen = await (await edge.stack.admin.call('GET', `/api/api-keys/${id}/limits`)).json();
    expect(seen).toEqual(limits);
    expect(usage?.this_month).toMatchObject({ requests: 1, input_tokens: 100, output_tokens: 50, cost: '0.0002' });
  });

  it('what a call under way holds is told as reserved, and given back when it ends', async () => {
    edge.one.control.always({ usage: USAGE, delayMs: 1500 });
    const { id, key } = await edge.stack.admin.createKey({
      recurring_limit: { amount: '1.00', every: 1, unit: 'day' },
    });
    const underWay = ask(edge.url, key);
    await eventually(
      () => usageOf(id),
      ({ period }) => money(period?.reserved) > COST,
    );
    await (await underWay).text();
    await eventually(
      () => usageOf(id),
      ({ period }) => period?.reserved === '0.00',
    );
  });

  it('P3: of a flushed Redis nothing is lost that was spent, and nothing more can be', async () => {
    edge.one.control.always({ usage: USAGE });
    const { id, key } = await edge.stack.admin.createKey({ budget: '0.002' });
    const redis = new Redis(edge.stack.servers.redis);
    let served = 0;
    for (let i = 0; i < 30; i++) {
      if (i % 3 === 2) await redis.flushdb();
      const reply = await ask(i % 2 ? edge.url : second, key);
      if (reply.status === 200) served++;
      else expect(reply.status).toBe(402);
      await reply.text();
    }
    redis.disconnect();
    expect(served).toBeGreaterThanOrEqual(4);
    expect(served).toBeLessThanOrEqual(10);
    await eventually(
      () => usageOf(id),
      ({ usage }) => parseMoney(usage) === COST * BigInt(served),
      20_000,
    );
  });
});

describe('a limit that is lowered', () => {
  const reservedOf = async (key: string) => {
    const reply = await fetch(`${edge.url}/v1/key`, { headers: { authorization: `Bearer ${key}` } });
    return ((await reply.json()) as Standing).limits.budget;
  };

  it('below what is used says what is used, and that nothing remains', async () => {
    edge.one.control.always({ usage: USAGE });
    const { id, key } = await edge.stack.admin.createKey({ budget: '1' });
    for (let i = 0; i < 3; i++) await (await ask(edge.url, key)).text();
    await eventually(
      () => usageOf(id),
      ({ usage }) => money(usage) === 3n * COST,
    );
    await edge.stack.admin.call('PATCH', `/api/api-keys/${id}`, { budget: '0.0002' });
    const numbers = { limit_value: '0.0002', used: '0.0006', reserved: '0.00', remaining: '0.00' };
    for (const url of [edge.url, second]) {
      const denied = await eventually(
        () => ask(url, key),
        ({ status }) => status === 402,
      );
      expect((await denialOf(denied)).details).toMatchObject(numbers);
    }
    expect(await reservedOf(key)).toMatchObject(numbers);
  });

  it('below what calls under way hold is not negative anywhere, and lets nothing more in', async () => {
    edge.one.control.always({ fault: 'hang' });
    const { id, key } = await edge.stack.admin.createKey({ budget: '1' });
    const leaving = new AbortController();
    const underWay = chat(edge.url, key, { model: 'fake', max_tokens: 50 }, leaving.signal).catch(() => null);
    const held = await eventually(
      () => reservedOf(key),
      (budget) => money(budget?.reserved as string) > 0n,
    );
    await edge.stack.admin.call('PATCH', `/api/api-keys/${id}`, { budget: '0.0000001' });
    const denied = await eventually(
      () => ask(edge.url, key),
      ({ status }) => status === 402,
    );
    expect((await denialOf(denied)).details).toMatchObject({
      limit_value: '0.0000001',
      used: '0.00',
      reserved: held?.reserved,
      remaining: '0.00',
    });
    leaving.abort();
    await underWay;
  });
});

describe('a recurring limit by the calendar', () => {
  it('ends with the month, in UTC, and one that is set anew begins anew', async () => {
    edge.one.control.always({ usage: USAGE });
    const recurring_limit = { amount: '0.0003', every: 1, unit: 'month', align: 'calendar' };
    const { id, key } = await edge.stack.admin.createKey({ recurring_limit });
    const view = async () => {
      const reply = await edge.stack.admin.call('GET', `/api/api-keys/${id}`);
      return (await reply.json()) as {
        recurring_limit: object;
        recurring_since: string;
        period: { usage: string; started_at: string; resets_at: string };
      };
    };
    const before = await view();
    const now = new Date();
    const next = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1)).toISOString();
    expect(before.recurring_limit).toEqual(recurring_limit);
    expect(before.period).toMatchObject({ started_at: before.recurring_since, resets_at: next });

    expect((await ask(edge.url, key)).status).toBe(200);
    const denied = await eventually(
      () => ask(edge.url, key),
      ({ status }) => status === 402,
    );
    const { code, details } = await denialOf(denied);
    expect({ code, resets_at: details.resets_at }).toEqual({ code: 'period_spend_limit_reached', resets_at: next });

    await edge.stack.admin.call('PATCH', `/api/api-keys/${id}`, { recurring_limit });
    await eventually(
      () => ask(edge.url, key),
      ({ status }) => status === 200,
    );
    const after = await view();
    expect(after.period.resets_at).toBe(next);
    expect(Date.parse(after.period.started_at)).toBeGreaterThan(Date.parse(before.period.started_at));
  });
});
