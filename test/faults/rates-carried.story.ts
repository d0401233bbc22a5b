import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import type { Services } from '../../scripts/services.mjs';
import { ownServers } from '../own-servers.js';
import { chat, eventually, type Stack, startStack } from '../stack.js';

let servers: Services;
let stack: Stack;
let gateways: readonly string[];
beforeAll(async () => {
  servers = await ownServers();
  const { postgres, nats, redis } = servers;
  stack = await startStack({ servers: { postgres: postgres.url, nats: nats.url, redis: redis.url } });
  gateways = [stack.url, (await stack.startGateway()).url as string];
}, 60_000);
afterAll(async () => {
  servers?.redis.thaw();
  await stack?.stop();
  await servers?.stop();
});
afterEach(async () => {
  servers.redis.thaw();
  await countTogether();
});

const LIMIT = 12;

/** Every gateway asks Redis again. */
async function countTogether(): Promise<void> {
  for (const url of gateways) {
    const degraded = async () =>
      /^keyward_limits_degraded\{[^}]*\} (\d)/m.exec(await (await fetch(`${url}/metrics`)).text())?.[1];
    await eventually(degraded, (is) => is === '0', 15_000);
  }
}

/** When a call was let in: at some moment between these. */
interface LetIn {
  readonly from: number;
  readonly to: number;
}

/** So many calls, at one gateway after the other. */
async function call(key: string, count: number): Promise<LetIn[]> {
  const letIn: LetIn[] = [];
  for (let i = 0; i < count; i++) {
    const from = performance.now();
    const reply = await chat(gateways[i % gateways.length] as string, key, { max_tokens: 5 });
    const to = performance.now();
    await reply.text();
    if (reply.status === 200) letIn.push({ from, to });
    else expect([reply.status, reply.headers.get('x-keyward-error-code')]).toEqual([429, 'rate_limit_exceeded']);
  }
  return letIn;
}

/** What others were let in with after its own last answer a gateway does not know: here that is one call. */
const NOT_KNOWN = 1;

/** However busy this machine is: only those count together that were certainly let in within one minute. */
function expectTheLimit(letIn: readonly LetIn[]): void {
  const within = letIn.map(
    ({ from }) => letIn.filter(({ from: begun, to }) => begun >= from && to < from + 60_000).length,
  );
  expect(Math.max(...within)).toBeLessThanOrEqual(LIMIT + NOT_KNOWN);
  // It goes on being served, up to what it may.
  expect(letIn.length).toBeGreaterThanOrEqual(LIMIT - NOT_KNOWN * gateways.length);
}

async function limited(): Promise<string> {
  const { key } = await stack.admin.createKey({ rate_limit: LIMIT });
  return key;
}

describe('P13: no more than the limit in any minute', () => {
  it('of which a part was counted together, and the rest by each gateway alone', async () => {
    const key = await limited();
    const before = await call(key, 8);
    servers.redis.freeze();
    expectTheLimit([...before, ...(await call(key, 14))]);
  });

  it('of which a part was counted alone, and Redis is back: what it did not see it is told', async () => {
    const key = await limited();
    const before = await call(key, 2);
    servers.redis.freeze();
    const alone = await call(key, 6);
    servers.redis.thaw();
    await countTogether();
    expectTheLimit([...before, ...alone, ...(await call(key, 14))]);
  });

  it('of which Redis has forgotten everything, without anybody losing sight of it', async () => {
    const key = await limited();
    const before = await call(key, 10);
    await forget();
    expectTheLimit([...before, ...(await call(key, 14))]);
  });

  it('of which Redis has forgotten everything, because it was started anew', async () => {
    const key = await limited();
    const before = await call(key, 10);
    await servers.redis.kill('SIGKILL');
    await servers.redis.restart();
    await forget();
    await countTogether();
    expectTheLimit([...before, ...(await call(key, 14))]);
  });
});

async function forget(): Promise<void> {
  const redis = new Redis(servers.redis.url);
  await redis.flushall();
  redis.disconnect();
}
