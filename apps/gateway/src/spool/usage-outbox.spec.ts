import { randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { NatsConnection } from '@nats-io/transport-node';
import type { BusClient } from '#rpc/client';
import { connectBus } from '#rpc/connect';
import { ensureUsageStream } from '#rpc/usage-stream';
import { createLog } from '#runtime/log';
import { testBus } from '../../../../test/bus.js';
import { eventually } from '../../../../test/eventually.js';
import { anId, usageEvent } from '../../../../test/usage-events.js';
import { foundIn } from './found.js';
import { SpoolFolder } from './spool-folder.js';
import { UsageOutbox } from './usage-outbox.js';

const log = createLog('gateway', 'silent');
/** A ledger that has every batch it is asked for. */
const ledger = { call: async (_: unknown, { ids }: { ids: string[] }) => ({ written: ids }) } as unknown as BusClient;

let bus: NatsConnection;
let root: string;
let outbox: UsageOutbox;
beforeAll(async () => {
  bus = await connectBus({ url: testBus().url, name: 'gateway', log });
  await ensureUsageStream(bus);
});
afterAll(() => bus.close());
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'keyward-outbox-'));
  const folder = new SpoolFolder(root, randomUUID());
  outbox = new UsageOutbox({ bus, client: ledger, log, folder, maxBytes: 64 * 1024 * 1024 });
});
afterEach(async () => {
  await outbox.close(2000);
  rmSync(root, { recursive: true, force: true });
});

const isTold = () =>
  eventually(
    async () => outbox.unsettledSince(),
    (since) => since === null && outbox.size === 0,
  );

/** What is told of by whoever finds this gateway dead now. */
function left() {
  const files = readdirSync(root, { recursive: true }).map(String);
  const spools = files.filter((file) => file.endsWith('.spool')).map((file) => join(root, file));
  return foundIn(spools.map((path) => ({ path, text: readFileSync(path, 'utf8') })));
}

/** As much of it as turns a file, in one turn of the event loop. */
function addMuch(): void {
  const trace = { decision: 'allow', code: null, steps: [], rule: null, pad: 'x'.repeat(10_000) };
  for (let i = 0; i < 600; i++) outbox.add(usageEvent({ trace: trace as never }));
}

const begun = (request_id: string) => usageEvent({ request_id, outcome: 'abandoned' });

describe('usage on its way', () => {
  it('a request is found as begun where the file turned in the middle of what one turn wrote', async () => {
    const request_id = anId('request');
    addMuch();
    await new Promise<void>((resolve) => outbox.begin(begun(request_id), () => resolve()));
    await isTold();
    expect(left().abandoned.map(({ event }) => event.request_id)).toEqual([request_id]);
    outbox.add(usageEvent({ request_id }));
    await isTold();
    expect(left().abandoned).toEqual([]);
  });

  it('a request that was written down and then refused was never sent, however many were refused before', async () => {
    const key_id = anId('key');
    for (let i = 0; i < 60; i++) outbox.add(usageEvent({ key_id, kind: 'denied', outcome: 'denied' }));
    const request_id = anId('request');
    await new Promise<void>((resolve) => outbox.begin(begun(request_id), () => resolve()));
    outbox.add(usageEvent({ key_id, request_id, kind: 'denied', outcome: 'denied' }));
    await isTold();
    expect(left().abandoned).toEqual([]);
  });

  it('goes on where the disk is lost under it', async () => {
    rmSync(root, { recursive: true });
    addMuch();
    await isTold();
    addMuch();
    await isTold();
  });
});
