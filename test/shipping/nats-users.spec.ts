import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AckPolicy, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection, type Status } from '@nats-io/transport-node';
import { z } from 'zod';
import { event } from '#contracts/event';
import { USAGE_STREAM } from '#contracts/usage';
import { connectBus } from '#rpc/connect';
import { EventPublisher, ensureEventStream } from '#rpc/events';
import { listen } from '#rpc/listen';
import { ensureUsageStream, publishUsage } from '#rpc/usage-stream';
import { nameOf, passwordOf, type ShippedNats, shippedNats, USERS, type User } from './shipped-nats.js';

const SILENT = { info() {}, warn() {}, error() {} };

let nats: ShippedNats;
const open: NatsConnection[] = [];

beforeAll(async () => {
  nats = await shippedNats();
});

afterAll(async () => {
  for (const connection of open) await connection.close();
  await nats?.stop();
});

describe('the bus', () => {
  it('lets nobody in without a name and the right password', async () => {
    await expect(connect({ servers: nats.host, maxReconnectAttempts: 0 })).rejects.toThrow(/authorization/i);
    const wrong = { servers: nats.host, user: 'verifier', pass: '', maxReconnectAttempts: 0 };
    await expect(connect(wrong)).rejects.toThrow(/authorization/i);
  });

  it('carries a question from verifier to keys, and the answer back', async () => {
    const keys = await as('keyward-keys');
    keys.subscribe('keyward.keys.*', {
      queue: 'keyward-keys',
      callback: (_error, msg) => void msg.respond('{"data":{}}'),
    });
    await keys.flush();
    const answer = await (await as('verifier')).request('keyward.keys.verify', '{}', { timeout: 2_000 });
    expect(answer.string()).toBe('{"data":{}}');
    expect((await (await as('provisioner')).request('keyward.keys.create', '{}', { timeout: 2_000 })).string()).toBe(
      '{"data":{}}',
    );
  });

  it.each<[User, string]>([
    ['verifier', 'keyward.keys.create'],
    ['verifier', 'keyward.keys.resolve'],
    ['verifier', 'keyward.usage_events.batch'],
    ['verifier', 'keyward.events.key.changed'],
    ['verifier', '_INBOX_provisioner.x'],
    ['verifier', '$JS.API.STREAM.LIST'],
    ['provisioner', 'keyward.keys.sign_in'],
    ['provisioner', 'keyward.keys.resolve'],
    ['observer', 'keyward.keys.get'],
    ['meter', 'keyward.usage.reserve_by_id'],
    ['meter', 'keyward.usage.grant_slices'],
    ['meter', 'keyward.gateway.admit'],
    ['keyward-policy', 'keyward.gateway.admit'],
    ['keyward-policy', 'keyward.keys.create'],
    ['keyward-policy', 'keyward.events.key.changed'],
    ['keyward-usage', 'keyward.keys.create'],
    ['keyward-usage', 'keyward.usage_events.batch'],
    ['keyward-keys', 'keyward.usage_events.batch'],
    ['keyward-gateway', 'keyward.events.key.changed'],
    ['keyward-gateway', 'keyward.heartbeat.keys'],
    ['keyward-gateway', '$JS.API.STREAM.DELETE.KEYWARD_EVENTS'],
    ['keyward-gateway', '$JS.API.STREAM.PURGE.KEYWARD_USAGE'],
    ['keyward-gateway', '$JS.API.CONSUMER.CREATE.KEYWARD_USAGE.thief'],
    ['keyward-usage', '$JS.API.STREAM.DELETE.KEYWARD_USAGE'],
  ])('does not let %s say %s', async (user, subject) => {
    expect(await refusedPublish(user, subject)).toBe(true);
  });

  it.each<[User, string]>([
    ['verifier', '_INBOX_provisioner.>'],
    ['verifier', '_INBOX_gateway.>'],
    ['verifier', '_INBOX.>'],
    ['verifier', '>'],
    ['verifier', 'keyward.keys.verify'],
    ['observer', 'keyward.keys.>'],
    ['observer', 'keyward.usage_events.>'],
    ['keyward-gateway', '_INBOX_keys.>'],
    ['keyward-gateway', 'keyward.keys.create'],
    ['keyward-policy', '$SRV.PING.keyward-keys'],
    ['keyward-keys', 'keyward.policy.evaluate'],
    ['keyward-keys', 'keyward.usage_events.>'],
  ])('does not let %s hear %s', async (user, subject) => {
    expect(await refusedSubscribe(user, subject)).toBe(true);
  });

  it.each<[User, string]>([
    ['keyward-gateway', 'keyward.keys.resolve'],
    ['keyward-gateway', 'keyward.policy.catalog'],
    ['keyward-gateway', 'keyward.usage.totals'],
    ['keyward-gateway', 'keyward.usage_events.batch'],
    ['keyward-keys', 'keyward.heartbeat.keys'],
    ['keyward-keys', 'keyward.policy.get_policy'],
    ['keyward-keys', 'keyward.policy.rule_changes'],
    ['keyward-policy', 'keyward.heartbeat.policy'],
    ['keyward-policy', 'keyward.keys.usable'],
    ['keyward-policy', 'keyward.gateway.measure'],
    ['keyward-policy', 'keyward.usage.requests'],
    ['keyward-policy', 'keyward.keys.record_deed'],
    ['keyward-policy', 'keyward.heartbeat.policy-provider-keys'],
    ['keyward-policy', 'keyward.heartbeat.policy-rules'],
    ['keyward-policy', 'keyward.keys.authorize'],
    ['verifier', 'keyward.keys.verify'],
    ['meter', 'keyward.usage.reserve'],
    ['meter', 'keyward.usage.settle'],
    ['meter', 'keyward.usage.cancel'],
    ['meter', 'keyward.usage.extend'],
    ['meter', 'keyward.usage.get'],
    ['keyward-usage', 'keyward.gateway.admit'],
    ['keyward-usage', 'keyward.gateway.settle_hold'],
    ['keyward-usage', 'keyward.gateway.extend_hold'],
    ['observer', '$SRV.PING'],
  ])('lets %s say %s', async (user, subject) => {
    expect(await refusedPublish(user, subject)).toBe(false);
  });

  it('lets every service be discovered, and the observer discover it', async () => {
    for (const user of USERS.filter((user) => user.startsWith('keyward-'))) {
      for (const subject of ['$SRV.PING', `$SRV.INFO.${user}`, `$SRV.STATS.${user}.id1`]) {
        expect([user, subject, await refusedSubscribe(user, subject)]).toEqual([user, subject, false]);
      }
    }
    const policy = await as('keyward-policy');
    policy.subscribe('$SRV.PING', { callback: (_error, msg) => void msg.respond('here') });
    await policy.flush();
    expect((await (await as('observer')).request('$SRV.PING', '', { timeout: 2_000 })).string()).toBe('here');
  });
});

describe('the services, with their own code', () => {
  it('tell events, and the gateway hears them', async () => {
    const changed = event({
      subject: 'keyward.events.key.changed',
      summary: '',
      payload: z.object({ name: z.string() }),
    });
    const keys = await connected('keyward-keys');
    const gateway = await connected('keyward-gateway');
    await ensureEventStream(keys);
    const heard = Promise.withResolvers<number>();
    const listening = listen(gateway, [changed], ({ revision }) => heard.resolve(revision), {
      from: 'new',
      log: SILENT,
    });
    await listening.ready;
    await new EventPublisher(keys).publish(changed, { name: 'x' }, { revision: 7 });
    expect(await heard.promise).toBe(7);
    await listening.close();
  });

  it('let usage take what the gateway told, once', async () => {
    const usage = await connected('keyward-usage');
    const gateway = await connected('keyward-gateway');
    // Whoever is first makes the stream, and the gateway may be.
    await ensureUsageStream(gateway);
    await ensureUsageStream(usage);
    const manager = await jetstreamManager(usage);
    await manager.consumers.add(USAGE_STREAM, { durable_name: 'ledger', ack_policy: AckPolicy.Explicit });
    await publishUsage(gateway, 'batch-1', { events: [] });

    const message = await (await jetstream(usage).consumers.get(USAGE_STREAM, 'ledger')).next({ expires: 2_000 });
    expect(message?.string()).toBe('{"events":[]}');
    expect(await message?.ackAck()).toBe(true);
    expect((await manager.streams.info(USAGE_STREAM)).state.messages).toBe(0);
  });
});

/** As the apps connect, so that a change of their inboxes is noticed here and not in production. */
async function connected(user: User): Promise<NatsConnection> {
  const connection = await connectBus({
    url: `nats://${user}:${passwordOf(user)}@${nats.host}`,
    name: nameOf(user),
    log: SILENT,
  });
  open.push(connection);
  return connection;
}

async function as(user: User): Promise<NatsConnection> {
  const connection = await connect({
    servers: nats.host,
    user,
    pass: passwordOf(user),
    inboxPrefix: `_INBOX_${nameOf(user)}`,
    maxReconnectAttempts: 0,
  });
  open.push(connection);
  return connection;
}

async function refusedPublish(user: User, subject: string): Promise<boolean> {
  const connection = await as(user);
  const errors = errorsOf(connection);
  connection.publish(subject, '{}');
  return (await errors(connection)).some((text) => /permissions violation/i.test(text));
}

async function refusedSubscribe(user: User, subject: string): Promise<boolean> {
  const connection = await as(user);
  const errors = errorsOf(connection);
  connection.subscribe(subject, { callback: () => {} });
  return (await errors(connection)).some((text) => /permissions violation/i.test(text));
}

/** The server refuses before it answers the next ping: after a flush there is nothing left to come. */
function errorsOf(connection: NatsConnection): (connection: NatsConnection) => Promise<string[]> {
  const seen: string[] = [];
  void (async () => {
    for await (const status of connection.status() as AsyncIterable<Status>) {
      if (status.type === 'error') seen.push(status.error.message);
    }
  })();
  return async () => {
    await connection.flush();
    await sleep(20);
    return seen;
  };
}
