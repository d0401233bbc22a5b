import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { headers, type NatsConnection } from '@nats-io/transport-node';
import { z } from 'zod';
import { event } from '#contracts/event';
import { testBus } from '../../../test/bus.js';
import { connectBus } from './connect.js';
import { EVENT_STREAM, EventPublisher, ensureEventStream } from './events.js';
import { beat, onBeat } from './heartbeat.js';
import { filterOf, type Heard, type Listening, listen } from './listen.js';
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
type Thing = Heard<typeof moved | typeof broke>;

const note = () => undefined;
const log: Log = { info: note, warn: note, error: note };

describe('events', () => {
  let connection: NatsConnection;
  let publisher: EventPublisher;
  let heard: Thing[];
  let gaps: string[];
  let open: Listening[];

  beforeEach(async () => {
    connection = await connectBus({ url: testBus().url, name: 'events', log });
    const manager = await jetstreamManager(connection);
    await manager.streams.delete(EVENT_STREAM).catch(() => undefined);
    publisher = new EventPublisher(connection);
    heard = [];
    gaps = [];
    open = [];
  });

  afterEach(async () => {
    for (const listening of open) await listening.close();
    await connection.close();
  });

  async function hear(from: 'new' | 'all', onEvent = (told: Thing): unknown => heard.push(told)): Promise<void> {
    const options = { from, log, onGap: (reason: string) => void gaps.push(reason) };
    const listening = listen(connection, [moved, broke], async (told) => void (await onEvent(told)), options);
    open.push(listening);
    await listening.ready;
  }

  async function settled(count: number): Promise<void> {
    for (const end = Date.now() + 5_000; heard.length < count && Date.now() < end; ) await delay(10);
    await delay(50);
  }

  it('are stored once, however often they are published', async () => {
    const first = await publisher.publish(moved, { to: 'a' }, { revision: 1 });
    const again = await publisher.publish(moved, { to: 'a' }, { revision: 1 });
    const other = await publisher.publish(broke, { at: 1 }, { revision: 1 });
    expect([first.duplicate, again.duplicate, other.duplicate]).toEqual([false, true, false]);
    expect(again.sequence).toBe(first.sequence);
  });

  it('carry what their definition names, and nothing else', async () => {
    await hear('new');
    await publisher.publish(moved, { to: 'a', hash: 'secret' } as { to: string }, { revision: 4 });
    await settled(1);
    expect(heard).toEqual([{ definition: moved, payload: { to: 'a' }, revision: 4 }]);
    await expect(publisher.publish(moved, { to: 7 } as unknown as { to: string }, { revision: 5 })).rejects.toThrow();
  });

  it('are heard in the order they were told, whatever their kind', async () => {
    await hear('new');
    for (let revision = 1; revision <= 50; revision++) {
      if (revision % 2) await publisher.publish(moved, { to: 'x' }, { revision });
      else await publisher.publish(broke, { at: revision }, { revision });
    }
    await settled(50);
    expect(heard.map(({ revision }) => revision)).toEqual(Array.from({ length: 50 }, (_, index) => index + 1));
  });

  it('are heard from now on, or from the beginning', async () => {
    await publisher.publish(moved, { to: 'early' }, { revision: 1 });
    await hear('new');
    await delay(100);
    expect(heard).toEqual([]);
    await hear('all');
    await settled(1);
    expect(heard.map(({ revision }) => revision)).toEqual([1]);
  });

  it('that cannot be read, or not be applied, are a gap and no end', async () => {
    await hear('new', (told) => {
      if (told.revision === 2) throw new Error('cannot apply it');
      heard.push(told);
    });
    const raw = jetstream(connection);
    const beside = headers();
    beside.set('Keyward-Revision', '1');
    await raw.publish(moved.subject, 'no json', { headers: beside });
    await raw.publish(moved.subject, '{"to":7}', { headers: beside });
    await raw.publish(moved.subject, '{"to":"x"}');
    await publisher.publish(moved, { to: 'x' }, { revision: 2 });
    await publisher.publish(moved, { to: 'x' }, { revision: 3 });
    await settled(1);
    expect(heard.map(({ revision }) => revision)).toEqual([3]);
    expect(gaps).toHaveLength(4);
  });

  it('stop being heard when asked, at once', async () => {
    await hear('new');
    const began = Date.now();
    await open.pop()?.close();
    expect(Date.now() - began).toBeLessThan(1_000);
    await publisher.publish(moved, { to: 'x' }, { revision: 1 });
    await delay(100);
    expect(heard).toEqual([]);
  });

  it('live in a bounded stream, which is corrected where it differs', async () => {
    const { config } = await ensureEventStream(connection);
    expect(config).toMatchObject({ max_bytes: 64 * 1024 * 1024, max_age: 24 * 3600 * 1e9, storage: 'file' });
    const manager = await jetstreamManager(connection);
    await manager.streams.update(EVENT_STREAM, { max_age: 0, max_msgs: 5 });
    expect((await ensureEventStream(connection)).config).toMatchObject({ max_age: config.max_age, max_msgs: 5 });
    const several = await Promise.all([1, 2, 3].map(() => ensureEventStream(connection)));
    expect(several).toHaveLength(3);
  });

  it('have heartbeats beside them, which nobody stores', async () => {
    const beats: unknown[] = [];
    const stop = onBeat(connection, 'keys', (told) => beats.push(told));
    connection.publish('keyward.heartbeat.keys', 'nonsense');
    connection.publish('keyward.heartbeat.keys', '{"revision":-1}');
    beat(connection, { service: 'keys', revision: 7, sent_at: 1 });
    beat(connection, { service: 'policy', revision: 8, sent_at: 1 });
    await connection.flush();
    stop();
    expect(beats).toEqual([{ service: 'keys', revision: 7, sent_at: 1 }]);
  });

  it.each([
    [['a.b.c'], 'a.b.c'],
    [['a.b.c', 'a.b.d'], 'a.b.>'],
    [['a.b.c', 'a.d'], 'a.>'],
    [['a.b.c', 'a.b.c.d'], 'a.b.>'],
  ])('%j are asked for as %s', (subjects, filter) => {
    expect(filterOf(subjects)).toBe(filter);
  });
});
