import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { jetstream } from '@nats-io/jetstream';
import { connectBus } from '#rpc/connect';
import type { Running } from '#runtime/run';
import { start as startKeys } from '../../apps/keys/src/main.js';
import { errorCodeIn, openStream } from '../event-stream.js';
import { chat, eventually, type Stack, startStack } from '../stack.js';
import { startTcpProxy, type TcpProxy } from '../tcp-proxy.js';

/** Three gateways; the third one's link to the bus is ours to break. */
let stack: Stack;
let proxy: TcpProxy;
let far: Running;
let gateways: string[];
let keysAgain: Running | undefined;

const BOUND = 2000;

beforeAll(async () => {
  stack = await startStack();
  proxy = await startTcpProxy(stack.servers.nats);
  const near = await stack.startGateway();
  far = await stack.startGateway({ KEYWARD_NATS_URL: proxy.through(stack.servers.nats) });
  gateways = [stack.url, near.url as string, far.url as string];
});
afterAll(async () => {
  proxy?.heal();
  await stack?.stop();
  await keysAgain?.stop();
  await proxy?.close();
});

interface Receipt {
  gateways: number;
  acknowledged: number;
  slowest_ms: number | null;
}

async function post(id: string, verb: string, body: object = {}): Promise<Receipt> {
  const reply = await stack.admin.call('POST', `/api/api-keys/${id}/${verb}`, body);
  if (reply.status !== 200) throw new Error(`${verb}: ${reply.status} ${await reply.text()}`);
  return ((await reply.json()) as { receipt: Receipt }).receipt;
}

const disable = (id: string) => post(id, 'disable');
const enable = (id: string) => post(id, 'enable');

/** A key every gateway has met. */
async function metKey(fields?: Record<string, unknown>) {
  const made = await stack.admin.createKey(fields);
  for (const url of gateways) expect((await chat(url, made.key)).status).toBe(200);
  return made;
}

/** How long after `since` a gateway answers with the status for the first time. */
async function answers(url: string, key: string, status: number, since: number): Promise<number> {
  await eventually(
    async () => (await chat(url, key)).status,
    (is) => is === status,
    BOUND + 500,
  );
  return performance.now() - since;
}

const everywhere = (key: string, status: number, since: number) =>
  Promise.all(gateways.map((url) => answers(url, key, status, since)));

const codeOf = async (url: string, key: string) => (await chat(url, key)).headers.get('x-keyward-error-code');

/** A receipt counts the gateways that are there: not before all three have said that they are. */
async function allHeard(): Promise<void> {
  const { id } = await stack.admin.createKey();
  await eventually(
    () => disable(id),
    ({ gateways, acknowledged }) => gateways === 3 && acknowledged === 3,
  );
}

describe('a disabled key', () => {
  it('P5: is refused by every gateway within two seconds, and the receipt says that they know', async () => {
    await allHeard();
    const { id, key } = await metKey();
    const times: number[] = [];
    for (let round = 0; round < 20; round++) {
      const since = performance.now();
      const [receipt, refused] = await Promise.all([disable(id), everywhere(key, 401, since)]);
      times.push(...refused);
      expect(receipt).toMatchObject({ gateways: 3, acknowledged: 3 });
      expect(receipt.slowest_ms).toBeLessThan(BOUND);
      // After the receipt no gateway lets it pass, not even once.
      for (const url of gateways) expect(await codeOf(url, key)).toBe('key_disabled');

      const again = performance.now();
      await enable(id);
      for (const time of await everywhere(key, 200, again)) expect(time).toBeLessThan(BOUND);
    }
    times.sort((a, b) => a - b);
    const at = (part: number) => (times[Math.ceil(times.length * part) - 1] as number).toFixed(0);
    process.stdout.write(`disable → refused, ${times.length} times: p50 ${at(0.5)} ms, p99 ${at(0.99)} ms\n`);
    for (const time of times) expect(time).toBeLessThan(BOUND);
  });

  it('P5: is refused within two seconds also where the link is open and dead', async () => {
    const { id, key } = await metKey();
    proxy.halfOpen();
    const since = performance.now();
    const [receipt, times] = await Promise.all([disable(id), everywhere(key, 401, since)]);
    process.stdout.write(`half-open: refused after ${times.map((time) => time.toFixed(0)).join(', ')} ms\n`);
    for (const time of times) expect(time).toBeLessThan(BOUND);
    expect(receipt).toMatchObject({ gateways: 3, acknowledged: 3 });
  });

  it('P5: is not brought back by an event of before', async () => {
    const { id, key } = await metKey();
    await disable(id);
    await enable(id);
    await everywhere(key, 200, performance.now());
    await disable(id);
    const bus = await connectBus({ url: stack.servers.nats, name: 'test' });
    const told = {
      revision: 1,
      change: 'enabled',
      organization_id: 'org_01JD3Q0YV6Z0C7M1W8K2R5T9XA',
      project_id: 'prj_01JD3Q0YV6Z0C7M1W8K2R5T9XA',
      key_id: id,
      at: new Date().toISOString(),
    };
    await jetstream(bus).publish('keyward.events.key.changed', JSON.stringify(told), { msgID: 'late' });
    await bus.close();
    for (let i = 0; i < 5; i++) for (const url of gateways) expect(await codeOf(url, key)).toBe('key_disabled');
  });
});

describe('a stream under way', () => {
  it('P5: is cut on every gateway within two seconds, with the reason, and charged for what there was', async () => {
    const { id, key } = await metKey();
    const streams = await Promise.all(gateways.map((url) => openStream(url, key)));
    proxy.halfOpen();
    const since = performance.now();
    await disable(id);
    for (const { text, at } of await Promise.all(streams.map((stream) => stream.ended))) {
      expect(at - since).toBeLessThan(BOUND);
      expect(errorCodeIn(text)).toBe('key_disabled');
      expect(text).not.toContain('[DONE]');
    }
    const view = async () =>
      (await (await stack.admin.call('GET', `/api/api-keys/${id}`)).json()) as { requests: number };
    // Three to meet it, and the three that were cut.
    await eventually(view, ({ requests }) => requests === 6);
  });

  it('is cut when its key is deleted, as if there had never been one', async () => {
    const { id, key } = await metKey();
    const stream = await openStream(stack.url, key);
    await stack.admin.call('DELETE', `/api/api-keys/${id}`);
    expect(errorCodeIn((await stream.ended).text)).toBe('invalid_api_key');
  });

  it('goes on where the key was changed and is still good', async () => {
    const { id, key } = await metKey();
    const stream = await openStream(stack.url, key);
    const reply = await stack.admin.call('PATCH', `/api/api-keys/${id}`, { name: `renamed ${id}` });
    expect(reply.status).toBe(200);
    const before = stream.text().length;
    await eventually(
      async () => stream.text().length,
      (length) => length > before + 10_000,
    );
    expect(errorCodeIn(stream.text())).toBeUndefined();
    await disable(id);
    expect(errorCodeIn((await stream.ended).text)).toBe('key_disabled');
  });

  it('P6: ends within a second of its key’s expiry, with nobody told, and so does everything else', async () => {
    const expires = Date.now() + 1500;
    const { key } = await metKey({ expires_at: new Date(expires).toISOString() });
    const streams = await Promise.all(gateways.map((url) => openStream(url, key)));
    proxy.swallowAll();
    try {
      const ends = await Promise.all(
        streams.map((stream) => stream.ended.then((end) => ({ ...end, clock: Date.now() }))),
      );
      for (const { text, clock } of ends) {
        expect(clock - expires).toBeLessThan(1000);
        expect(clock).toBeGreaterThanOrEqual(expires);
        expect(errorCodeIn(text)).toBe('key_expired');
      }
      for (const url of gateways) expect(await codeOf(url, key)).toBe('key_expired');
    } finally {
      proxy.heal();
    }
  });
});

describe('a gateway that cannot be reached at all', () => {
  it('is missing on the receipt, serves what it knows for ten seconds and no longer, and catches up when it is back', async () => {
    await allHeard();
    const { id, key } = await metKey();
    const { key: unknown } = await stack.admin.createKey();
    proxy.swallowAll();
    const since = performance.now();
    try {
      expect(await disable(id)).toMatchObject({ gateways: 3, acknowledged: 2 });
      expect(performance.now() - since).toBeGreaterThanOrEqual(1900);
      // A key it has never met: nobody can say, and that is no verdict about the key.
      expect((await chat(far.url as string, unknown)).status).toBe(503);
      await eventually(
        async () => (await chat(far.url as string, key)).status,
        (status) => status === 503,
        12_000,
      );
      expect(performance.now() - since).toBeLessThan(11_500);
      expect(await codeOf(far.url as string, key)).toBe('service_unavailable');
    } finally {
      proxy.heal();
    }
    // Never once as if nothing had happened.
    const seen = new Set<number>();
    for (const deadline = Date.now() + 10_000; Date.now() < deadline && !seen.has(401); await sleep(20))
      seen.add((await chat(far.url as string, key)).status);
    expect([...seen].sort()).toEqual([401, 503]);
    await allHeard();
  });
});

describe('without the keys service', () => {
  it('known keys are served, an unknown one is 503 and never 401, and a made-up one is 401', async () => {
    const { key } = await metKey();
    const { key: unmet } = await stack.admin.createKey();
    await stack.apps.keys.stop();
    try {
      for (const url of gateways) {
        expect((await chat(url, key)).status).toBe(200);
        expect((await chat(url, unmet)).status).toBe(503);
        expect((await chat(url, `${unmet.slice(0, -1)}${unmet.endsWith('a') ? 'b' : 'a'}`)).status).toBe(401);
      }
    } finally {
      keysAgain = await startKeys(stack.env);
    }
    await everywhere(unmet, 200, performance.now());
  });
});

describe('a restarted gateway', () => {
  const lookups = async (from: string) => {
    const metrics = await (await fetch(`${(keysAgain ?? stack.apps.keys).opsUrl}/metrics`)).text();
    return Number(new RegExp(`keyward_key_lookups_total\\{[^}]*from="${from}"[^}]*\\} (\\d+)`).exec(metrics)?.[1] ?? 0);
  };

  it('gets the keys it had from the shared cache, and asks Postgres for none of them', async () => {
    const made = [];
    for (let i = 0; i < 20; i++) made.push(await stack.admin.createKey());
    for (const { key } of made) expect((await chat(stack.url, key)).status).toBe(200);
    const [postgres, redis] = [await lookups('postgres'), await lookups('redis')];
    const fresh = await stack.startGateway();
    for (const { key } of made) expect((await chat(fresh.url as string, key)).status).toBe(200);
    expect(await lookups('postgres')).toBe(postgres);
    expect(await lookups('redis')).toBe(redis + 20);
    await fresh.stop();
  });
});
