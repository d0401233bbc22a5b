import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { jetstreamManager } from '@nats-io/jetstream';
import { Cluster } from 'ioredis';
import { USAGE_STREAM } from '#contracts/usage';
import { keySlot } from '#counters/key-slot';
import { RedisTills } from '#counters/redis-tills';
import type { ReserveAsk } from '#domain/budget/reservation';
import { connectBus } from '#rpc/connect';
import { choosePorts } from '../../scripts/services/ports.mjs';
import { chat, emptyServers, eventually, type Stack, startStack } from '../stack.js';
import { type NatsCluster, startNatsCluster } from './nats-cluster.js';
import { RedisServer } from './nemesis/redis-server.js';

describe('three NATS servers', () => {
  let nats: NatsCluster;
  let stack: Stack;
  beforeAll(async () => {
    nats = await startNatsCluster();
    // Who leads is settled in a moment; before, nothing can be stored.
    const bus = await connectBus({ url: nats.url, name: 'test' });
    const led = () =>
      jetstreamManager(bus, { timeout: 1000 }).then((manager) => manager.getAccountInfo().then(() => true));
    await eventually(() => led().catch(() => false), Boolean, 30_000);
    await bus.close();
    stack = await startStack({ servers: { ...(await emptyServers()), nats: nats.url } });
  }, 90_000);
  afterAll(async () => {
    await stack?.stop();
    await nats?.stop();
  });

  it('go on as two: keys are made, requests served, and every one of them is in the ledger', async () => {
    const bus = await connectBus({ url: nats.url, name: 'test' });
    const { streams } = await jetstreamManager(bus);
    // How often something is stored is the operator's to say.
    for await (const { config } of streams.list()) await streams.update(config.name, { ...config, num_replicas: 3 });
    const caughtUp = async () => (await streams.info(USAGE_STREAM)).cluster?.replicas?.every(({ current }) => current);
    await eventually(() => caughtUp().catch(() => false), Boolean, 20_000);
    const { id, key } = await stack.admin.createKey();
    expect((await chat(stack.url, key)).status).toBe(200);

    await nats.kill('one');
    const made = await eventually(
      () => stack.admin.createKey().catch(() => null),
      (answer) => answer !== null,
      20_000,
    );
    expect((await chat(stack.url, made?.key ?? '')).status).toBe(200);
    expect((await chat(stack.url, key)).status).toBe(200);
    const requests = async (of: string) =>
      ((await (await stack.admin.call('GET', `/api/api-keys/${of}`)).json()) as { requests: number }).requests;
    await eventually(
      () => requests(id),
      (count) => count === 2,
      30_000,
    );
    await eventually(
      () => requests(made?.id ?? ''),
      (count) => count === 1,
      30_000,
    );
    nats.start('one');
    await bus.close();
  }, 120_000);
});

describe('six Redis servers that share the keys among them', () => {
  let dir: string;
  let servers: RedisServer[];
  let redis: Cluster;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'keyward-redis-cluster-'));
    const names = Array.from({ length: 6 }, (_, i) => `redis-${i}`);
    const ports = await choosePorts(dir, [...names, ...names.map((name) => `bus-${name}`)]);
    servers = await Promise.all(
      names.map((name) =>
        RedisServer.start(join(dir, name), ports[name] as number, [
          ...['--cluster-enabled', 'yes', '--cluster-node-timeout', '2000'],
          ...['--cluster-port', String(ports[`bus-${name}`])],
        ]),
      ),
    );
    await joined(servers, (server) => ports[`bus-redis-${servers.indexOf(server)}`] as number);
    redis = new Cluster(servers.map(({ port }) => ({ host: '127.0.0.1', port })));
  }, 60_000);
  afterAll(async () => {
    redis?.disconnect();
    await Promise.all(servers?.map((server) => server.kill()) ?? []);
    await rm(dir, { recursive: true, force: true });
  });

  it('hold each till whole: what belongs together is on one of them, whichever key it is of', async () => {
    const tills = new RedisTills(redis);
    const buckets = [{ id: 'k/0', window: 0 }, null, null, null, null];
    const facts = { window: 0, granted: 100, limit: '100', free: '0', outside: '0' };
    for (let i = 0; i < 60; i++) {
      const key = `key_${i}`;
      const now = await tills.look(key).then((till) => till.now);
      const open = { run: 'r', asked: 0, epoch: 1, leaseUntil: now + 60_000, revision: 1 };
      await tills.fill(key, { ...open, slots: [{ id: 'k/0', ...facts }, null, null, null, null] });
      const ask: ReserveAsk = {
        ...{ request: 'a', run: 'r', revision: 1, buckets, charged: [true, true, true, true, true] },
        ...{ amount: 60, tokens: 5, rpm: 10, tpm: 100, parallel: 3, memo: '' },
      };
      expect(await tills.reserve(key, ask, now + 60_000)).toMatchObject({ outcome: 'held', live: 1 });
      expect(await tills.reserve(key, { ...ask, request: 'b' }, now + 60_000)).toMatchObject({ why: 'short' });
      const told = { request: 'a', held: true, ownKey: false, cost: 20, second: 0, requestsOff: 0, tokensOff: 0 };
      expect(await tills.settle(key, told)).toBe(true);
      expect((await tills.look(key)).slots[0]).toMatchObject({ slice: 80, held: 0 });
    }
    // They were not all on the same one.
    const counts = await Promise.all(redis.nodes('master').map((node) => node.dbsize()));
    expect(counts).toHaveLength(3);
    expect(counts.every((count) => count > 0)).toBe(true);
    for (const name of ['key_1', 'foo{bar}', 'keyward:sweep'])
      expect(keySlot(name)).toBe(await redis.cluster('KEYSLOT', name));
  }, 60_000);

  it('carry gateways: one of them dies, another takes over from it, and no request is denied, lost or charged twice', async () => {
    const seeds = [0, 1, 5].map((i) => `redis://127.0.0.1:${servers[i]?.port}`).join(',');
    const stack = await startStack({ servers: { ...(await emptyServers()), redis: seeds } });
    const second = await stack.startGateway();
    try {
      const degraded = async (url: string) =>
        /^keyward_limits_degraded\{[^}]*\} (\d)/m.exec(await (await fetch(`${url}/metrics`)).text())?.[1];
      const urls = [stack.url, second.url as string];
      const isWhole = async () => (await Promise.all(urls.map(degraded))).every((state) => state === '0');
      await eventually(isWhole, Boolean, 20_000);
      const made = () => stack.admin.createKey({ budget: '1.00', rate_limit: 1000 }).catch(() => null);
      const keys: { key: string }[] = [];
      for (let i = 0; i < 12; i++) keys.push((await eventually(made, Boolean, 20_000)) ?? { key: '' });
      let asked = 0;
      const statuses = new Map<number, number>();
      const round = async () => {
        for (const { key } of keys) {
          const { status } = await chat(urls[asked++ % 2] as string, key, { max_tokens: 5 });
          statuses.set(status, (statuses.get(status) ?? 0) + 1);
        }
      };
      await round();
      const run = async (until: () => Promise<boolean>) => {
        for (const deadline = Date.now() + 40_000; Date.now() < deadline; await round()) if (await until()) return;
        throw new Error('not in time');
      };
      await servers[0]?.kill();
      await run(async () => !(await isWhole()));
      await run(isWhole);
      await round();
      // The one that finds out may wait for a dead server as long as it is waited for itself.
      const served = statuses.get(200) ?? 0;
      expect([...statuses.keys()].filter((status) => status !== 200 && status !== 503)).toEqual([]);
      expect(asked - served).toBeLessThanOrEqual(4);
      const requests = async () => {
        const reply = await stack.admin.call('GET', '/api/api-keys?limit=100');
        const { data } = (await reply.json()) as { data: { requests: number }[] };
        return data.reduce((sum, each) => sum + each.requests, 0);
      };
      await eventually(requests, (count) => count === served, 20_000);
      const books = await stack.admin.call('POST', '/api/check-books', { repair: false });
      expect(((await books.json()) as { drifts: unknown[] }).drifts).toEqual([]);
    } finally {
      await stack.stop();
    }
  }, 180_000);
});

/** Three that have a third of the slots each, and three that follow them. */
async function joined(servers: readonly RedisServer[], busOf: (server: RedisServer) => number): Promise<void> {
  const [first] = servers as [RedisServer];
  const third = Math.ceil(16_384 / 3);
  for (const [i, server] of servers.entries())
    await server.ask(async (redis) => {
      await redis.call('CLUSTER', 'MEET', '127.0.0.1', String(first.port), String(busOf(first)));
      if (i < 3)
        await redis.call('CLUSTER', 'ADDSLOTSRANGE', String(i * third), String(Math.min(16_384, (i + 1) * third) - 1));
    });
  const ids = await Promise.all(servers.map((server) => server.ask((redis) => redis.call('CLUSTER', 'MYID'))));
  for (const [i, server] of servers.slice(3).entries())
    await eventually(
      () => server.ask((redis) => redis.call('CLUSTER', 'REPLICATE', String(ids[i]))).catch(() => null),
      (answer) => answer === 'OK',
      20_000,
    );
  for (const server of servers)
    await eventually(
      () => server.ask((redis) => redis.cluster('INFO')),
      (info) => String(info).includes('cluster_state:ok'),
      20_000,
    );
}
