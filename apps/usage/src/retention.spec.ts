import { afterEach, describe, expect, it } from '@jest/globals';
import { Registry } from 'prom-client';
import type { DataSource } from 'typeorm';
import { Clock } from '#runtime/clock';
import { createLog } from '#runtime/log';
import type { UsageKit } from './kit.js';
import { Retention } from './retention.js';
import type { Partitions } from './store/partitions.js';

describe('a start in the middle of an outage of Postgres', () => {
  let retention: Retention;
  afterEach(() => retention.onApplicationShutdown());

  it('goes on: what is written makes its own parts of the tables', async () => {
    const partitions = { ensure: () => Promise.reject(new Error('Connection terminated unexpectedly')) };
    const kit = { log: createLog('usage', 'fatal'), metrics: new Registry(), config: { KEYWARD_REQUEST_LOG_DAYS: 30 } };
    retention = new Retention(
      {} as DataSource,
      partitions as unknown as Partitions,
      new Clock(),
      kit as unknown as UsageKit,
    );
    await expect(retention.onApplicationBootstrap()).resolves.toBeUndefined();
  });
});
