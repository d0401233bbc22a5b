import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { chat, eventually, type Stack, startStack } from '../stack.js';

let stack: Stack;
let second: string;
beforeAll(async () => {
  stack = await startStack();
  second = (await stack.startGateway()).url as string;
});
afterAll(() => stack?.stop());

interface Denial {
  error: { code: string; details: Record<string, string | number | boolean | null> };
}

const denialOf = async (reply: Response) => (await reply.json()) as Denial;

describe('rates', () => {
  it('D9: over two gateways no more than the limit is let in, and headers count down', async () => {
    const { key } = await stack.admin.createKey({ rate_limit: 20 });
    const replies = await Promise.all(
      Array.from({ length: 60 }, (_, i) => chat(i % 2 ? stack.url : second, key, { max_tokens: 1 })),
    );
    const served = replies.filter(({ status }) => status === 200);
    expect(served).toHaveLength(20);
    expect(replies.filter(({ status }) => status === 429)).toHaveLength(40);
    const left = served
      .map(({ headers }) => Number(headers.get('x-ratelimit-remaining-requests')))
      .sort((a, b) => a - b);
    expect(left).toEqual(Array.from({ length: 20 }, (_, i) => i));
    expect(served[0]?.headers.get('x-ratelimit-limit-requests')).toBe('20');
    expect(served[0]?.headers.get('ratelimit-policy')).toBe('"requests";q=20;w=60');
  });

  it('D10: a denial says in numbers what is used up, and when again', async () => {
    const { key } = await stack.admin.createKey({ rate_limit: 1 });
    const at = Date.now();
    expect((await chat(stack.url, key)).status).toBe(200);
    const denied = await chat(second, key);
    expect(denied.status).toBe(429);
    const { error } = await denialOf(denied);
    expect(error.code).toBe('rate_limit_exceeded');
    expect(error.details).toMatchObject({ limit: 'rate_limit', limit_value: 1, used: 1, reserved: 0, remaining: 0 });
    // The second it was admitted in has left altogether when it is 61 seconds old.
    const again = Date.now() + Number(denied.headers.get('retry-after-ms'));
    expect(again).toBeGreaterThan(at + 59_900);
    expect(again).toBeLessThan(Date.now() + 61_100);
    expect(Number(denied.headers.get('retry-after'))).toBe(
      Math.ceil(Number(denied.headers.get('retry-after-ms')) / 1000),
    );
  });

  it('requests at once are bounded over both gateways, and there is room again afterwards', async () => {
    const { key } = await stack.admin.createKey({ max_parallel: 3, rate_limit: 1000 });
    const replies = await Promise.all(Array.from({ length: 12 }, (_, i) => chat(i % 2 ? stack.url : second, key)));
    const denied = replies.filter(({ status }) => status === 429);
    expect(replies.filter(({ status }) => status === 200).length).toBeGreaterThanOrEqual(3);
    for (const reply of denied) expect((await denialOf(reply)).error.code).toBe('concurrency_limit_exceeded');
    await eventually(
      () => chat(stack.url, key),
      ({ status }) => status === 200,
    );
  });

  it('a request that is larger than a minute allows is told so, and not to try again', async () => {
    const { key } = await stack.admin.createKey({ token_limit: 100 });
    const reply = await chat(stack.url, key, { max_tokens: 5000 });
    expect(reply.status).toBe(400);
    expect((await denialOf(reply)).error.code).toBe('request_exceeds_token_limit');
  });

  it('tokens are reserved as estimated and corrected when they are known', async () => {
    const { key } = await stack.admin.createKey({ token_limit: 1000, rate_limit: 1000 });
    const reply = await chat(stack.url, key, { max_tokens: 900 });
    expect(Number(reply.headers.get('x-ratelimit-remaining-tokens'))).toBeLessThanOrEqual(100);
    await reply.text();
    const after = await eventually(
      () => chat(stack.url, key, { max_tokens: 10 }),
      ({ status }) => status === 200,
    );
    expect(Number(after.headers.get('x-ratelimit-remaining-tokens'))).toBeGreaterThan(900);
  });
});
