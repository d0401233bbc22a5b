import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type EdgeStack, startEdge } from '../edge.js';
import { chat } from '../stack.js';

let edge: EdgeStack;
beforeAll(async () => {
  edge = await startEdge();
});
afterAll(() => edge?.stop());
beforeEach(() => edge.reset());

async function metric(name: string): Promise<string> {
  const metrics = await (await fetch(`${edge.url}/metrics`)).text();
  return new RegExp(`^${name}\\{[^}]*\\} (\\S+)`, 'm').exec(metrics)?.[1] ?? '';
}

describe('a call that asks for absurdly much', () => {
  it.each([{ n: 1e300 }, { n: 1e17 }, { max_tokens: Number.MAX_SAFE_INTEGER, n: 1e300 }])(
    'is counted like any other, and keeps nobody from counting together: %j',
    async (fields) => {
      const { key } = await edge.stack.admin.createKey({ rate_limit: 3 });
      for (let i = 0; i < 3; i++) {
        const reply = await chat(edge.url, key, { model: 'fake', max_tokens: 50, ...fields });
        await reply.text();
        expect(reply.headers.get('x-ratelimit-remaining-requests')).toBe(String(2 - i));
      }
      expect(await metric('keyward_limits_degraded')).toBe('0');
      expect((await chat(edge.url, key, { model: 'fake' })).status).toBe(429);
    },
  );

  it('is refused where money is limited', async () => {
    const { key } = await edge.stack.admin.createKey({ budget: '0.001' });
    const reply = await chat(edge.url, key, { model: 'fake', max_tokens: 50, n: 1e300 });
    expect(reply.status).toBe(402);
    expect(edge.one.record.requests).toHaveLength(0);
  });

  it('may cost an answer for each of the prompts that are sent at once', async () => {
    const { key } = await edge.stack.admin.createKey({ budget: '0.001' });
    const complete = (prompt: unknown) =>
      edge.ask(
        '/v1/completions',
        { model: 'fake', max_tokens: 50, prompt },
        { headers: { authorization: `Bearer ${key}` } },
      );
    expect((await complete(Array.from({ length: 20 }, () => 'x'))).status).toBe(402);
    expect((await complete(Array.from({ length: 20 }, () => [1, 2]))).status).toBe(402);
    expect(edge.one.record.requests).toHaveLength(0);
    expect((await complete([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])).status).toBe(200);
    expect((await complete('x')).status).toBe(200);
  });
});
