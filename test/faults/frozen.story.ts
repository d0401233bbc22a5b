import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Services } from '../../scripts/services.mjs';
import { ownServers } from '../own-servers.js';
import { chat, eventually, type Stack, startStack } from '../stack.js';

let servers: Services;
let stack: Stack;
beforeAll(async () => {
  servers = await ownServers();
  const { postgres, nats, redis } = servers;
  stack = await startStack({ servers: { postgres: postgres.url, nats: nats.url, redis: redis.url } });
}, 60_000);
afterAll(async () => {
  for (const name of SERVERS) servers?.[name].thaw();
  await stack?.stop();
  await servers?.stop();
});

const SERVERS = ['redis', 'nats', 'postgres'] as const;
const KINDS = {
  'nothing limits': {},
  'a rate limits': { rate_limit: 500, token_limit: 1_000_000 },
  'a budget limits': { budget: '50', recurring_limit: { amount: '20', every: 1, unit: 'day' } },
} as const;
const WITHIN_MILLISECONDS = 1000;

async function timed(key: string) {
  const at = performance.now();
  const reply = await chat(stack.url, key, { max_tokens: 5 });
  await reply.text();
  const code = reply.headers.get('x-keyward-error-code');
  return { status: reply.status, code, milliseconds: Math.round(performance.now() - at) };
}

type Answer = Awaited<ReturnType<typeof timed>>;

/** One after the other, each as if it were the only one; and then many at once, which may not wait for each other. */
async function asked(key: string): Promise<Answer[]> {
  const first = await timed(key);
  return [first, await timed(key), ...(await Promise.all(Array.from({ length: 8 }, () => timed(key))))];
}

describe.each(SERVERS)('P14: while %s is frozen', (name) => {
  it.each(Object.entries(KINDS))(
    'a key that %s is served or told of the outage within a second',
    async (_, limits) => {
      const [known, unknown] = [await stack.admin.createKey(limits), await stack.admin.createKey(limits)];
      expect((await timed(known.key)).status).toBe(200);
      const server = servers[name];
      server.freeze();
      const answers: Record<string, Answer[]> = {};
      try {
        answers.known = await asked(known.key);
        answers.unknown = await asked(unknown.key);
      } finally {
        server.thaw();
      }
      for (const { status, code } of Object.values(answers).flat())
        expect([status, code]).toEqual(status === 200 ? [200, null] : [503, 'service_unavailable']);
      // What a gateway has met it serves for as long as it may: only a key that nobody here knows has to be asked for.
      expect(answers.known?.every(({ status }) => status === 200)).toBe(true);
      const slow = Object.values(answers).flatMap((all) =>
        all.filter(({ milliseconds }) => milliseconds > WITHIN_MILLISECONDS),
      );
      expect(slow).toEqual([]);
      for (const { key } of [known, unknown])
        await eventually(
          () => timed(key),
          ({ status }) => status === 200,
          20_000,
        );
    },
    60_000,
  );
});
