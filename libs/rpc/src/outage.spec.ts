import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { z } from 'zod';
import { event } from '#contracts/event';
import { rpc } from '#contracts/rpc';
import { type OwnNats, ownNats } from '../../../test/own-nats.js';
import { BusClient } from './client.js';
import { connectBus } from './connect.js';
import { EVENT_STREAM, EventPublisher } from './events.js';
import { type Listening, listen } from './listen.js';
import type { Log } from './log.js';

const moved = event({
  subject: 'keyward.events.thing.moved',
  summary: 'It moved.',
  payload: z.object({ to: z.string() }),
});
const broke = event({
  subject: 'keyward.events.thing.broke',
  summary: 'It broke.',
  payload: z.object({ at: z.int() }),
});
const echo = rpc({ subject: 'keyward.echo.say', summary: 'Echo.', request: z.strictObject({}), reply: z.object({}) });

const lines: string[] = [];
const note = (_facts: object, message: string) => void lines.push(message);
const log: Log = { info: note, warn: note, error: note };

async function until(what: string, holds: () => boolean | Promise<boolean>, limitMs = 15_000): Promise<void> {
  for (const end = Date.now() + limitMs; !(await holds()); await delay(20)) {
    if (Date.now() > end) throw new Error(`${what} did not happen within ${limitMs} ms`);
  }
}

describe('the bus, when its server fails', () => {
  let nats: OwnNats;
  let connection: NatsConnection;
  let publisher: EventPublisher;
  let client: BusClient;
  let listening: Listening;
  const heard: number[] = [];
  const gaps: string[] = [];
  let revision = 0;

  const tell = () => publisher.publish(moved, { to: 'there' }, { revision: ++revision });
  const hears = (last: number) => until(`event ${last}`, () => heard.at(-1) === last);
  const works = () =>
    client.call(echo, {}).then(
      () => true,
      () => false,
    );

  beforeAll(async () => {
    nats = await ownNats();
    connection = await connectBus({ url: nats.url, name: 'outage', log });
    connection.subscribe(echo.subject, { callback: (_error, msg) => void msg.respond('{"data":{}}') });
    publisher = new EventPublisher(connection);
    client = new BusClient({ connection, service: 'outage' });
    listening = listen(connection, [moved, broke], (told) => void heard.push(told.revision), {
      from: 'new',
      onGap: (reason) => void gaps.push(reason),
      log,
    });
    await listening.ready;
  }, 60_000);

  afterAll(async () => {
    await listening?.close();
    await connection?.close();
    await nats?.stop();
  });

  it('hears on where it was after a killed server is back', async () => {
    await tell();
    await hears(1);
    await nats.kill('SIGKILL');
    const failed = await client.call(echo, {}, { timeoutMs: 300 }).catch((error: unknown) => error);
    expect(failed).toMatchObject({ code: 'service_unavailable' });
    const since = performance.now();
    await expect(client.call(echo, {}, { timeoutMs: 5000 })).rejects.toMatchObject({ code: 'service_unavailable' });
    expect(performance.now() - since).toBeLessThan(2000);
    await expect(publisher.publish(moved, { to: 'nowhere' }, { revision: 2, timeoutMs: 300 })).rejects.toThrow();
    await nats.restart();
    await until('an answer', works);
    await publisher.publish(moved, { to: 'there' }, { revision: ++revision });
    await hears(2);
    await tell();
    await hears(3);
    expect(heard).toEqual([1, 2, 3]);
    expect(gaps).toEqual([]);
    expect(lines).toContain('reconnected to NATS');
  }, 60_000);

  it('notices a frozen server within seconds, and misses nothing that was told meanwhile', async () => {
    nats.freeze();
    const began = Date.now();
    await until('a stale connection', () => lines.includes('NATS does not answer pings; reconnecting'));
    expect(Date.now() - began).toBeLessThan(8_000);
    nats.thaw();
    await until('an answer', works);
    await tell();
    await hears(revision);
    expect(gaps).toEqual([]);
  }, 60_000);

  it('says that there was a gap when the server has lost its data, and hears on', async () => {
    await nats.loseData();
    await until('an answer', works);
    await until('a gap', () => gaps.length > 0);
    await tell();
    await hears(revision);
    expect(gaps).toEqual(['the stream was created anew']);
  }, 60_000);

  it('lets the publisher bring the stream back, and notices that it is another one', async () => {
    gaps.length = 0;
    const manager = await jetstreamManager(connection);
    await manager.streams.delete(EVENT_STREAM);
    await tell();
    await hears(revision);
    expect(gaps).toEqual(['the stream was created anew']);
    expect(new Set(heard).size).toBe(heard.length);
  }, 60_000);

  it('waits for a server that is not there yet, and says so', async () => {
    await nats.kill('SIGKILL');
    const later = connectBus({ url: nats.url, name: 'early', log });
    await until('a complaint', () => lines.includes('NATS cannot be reached yet; trying again'));
    await nats.restart();
    const early = await later;
    expect(await early.rtt()).toBeGreaterThanOrEqual(0);
    await early.close();
  }, 60_000);
});
