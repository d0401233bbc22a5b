import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { NatsConnection } from '@nats-io/transport-node';
import type { DataSource } from 'typeorm';
import { connectBus } from '#rpc/connect';
import { EventPublisher } from '#rpc/events';
import { onBeat } from '#rpc/heartbeat';
import { Clock } from '#runtime/clock';
import { createLog } from '#runtime/log';
import { testBus } from '../../../test/bus.js';
import { eventually } from '../../../test/eventually.js';
import type { CatalogueBook } from './catalogue-book.js';
import { CatalogueFeed } from './catalogue-feed.js';
import type { PolicyKit } from './kit.js';

const log = createLog('policy', 'fatal');
let bus: NatsConnection;
beforeAll(async () => {
  bus = await connectBus({ url: testBus().url, name: 'policy', log });
});
afterAll(() => bus.close());

describe('a start in the middle of an outage of Postgres', () => {
  let feed: CatalogueFeed;
  let isAway = true;
  afterEach(() => feed.onApplicationShutdown());

  it('goes on, and publishes the catalogue as soon as it is back', async () => {
    const file = {};
    const book = { file, readFile: () => true, publish: async () => 7 } as unknown as CatalogueBook;
    const there = async <T>(answer: () => T): Promise<T> => {
      if (isAway) throw new Error('Connection terminated unexpectedly');
      return answer();
    };
    const db = {
      transaction: (work: (tx: unknown) => unknown) => there(() => work({ query: async () => [] })),
      manager: { query: () => there(() => [{ revision: '7' }]) },
    } as unknown as DataSource;
    const told: number[] = [];
    const stop = onBeat(bus, 'policy', ({ revision }) => told.push(revision));
    const kit = { bus, log, config: {} } as unknown as PolicyKit;
    feed = new CatalogueFeed(db, book, new EventPublisher(bus), new Clock(), kit);
    await feed.onApplicationBootstrap();
    await bus.flush();
    // Nobody knows yet which one is the newest: that it is none would be a lie.
    expect(told).toEqual([]);
    isAway = false;
    await eventually(
      async () => told.at(-1),
      (revision) => revision === 7,
    );
    stop();
  });
});
