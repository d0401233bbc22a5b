import { execFile } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { NatsConnection } from '@nats-io/transport-node';
import { Client } from 'pg';
import type { CheckedBooks } from '#contracts/books';
import { CreditsRpc } from '#contracts/credits';
import { EscrowRpc } from '#contracts/escrow';
import { bucketId } from '#domain/budget/bucket-id';
import { newId } from '#domain/id';
import { BusClient } from '#rpc/client';
import { connectBus } from '#rpc/connect';
import { publishUsage } from '#rpc/usage-stream';
import { eventually, type Stack, startStack } from '../stack.js';

let stack: Stack;
let bus: NatsConnection;
let client: BusClient;
let db: Client;
beforeAll(async () => {
  stack = await startStack();
  bus = await connectBus({ url: stack.servers.nats, name: 'test' });
  client = new BusClient({ connection: bus, service: 'test' });
  db = new Client({ connectionString: stack.servers.postgres, options: '-c search_path=usage' });
  await db.connect();
});
afterAll(async () => {
  await db?.end();
  await bus?.close();
  await stack?.stop();
});

const id = (kind: Parameters<typeof newId>[0]) => newId(kind, Date.now(), randomBytes(10));

async function check(repair = false): Promise<CheckedBooks> {
  const reply = await stack.admin.call('POST', '/api/check-books', { repair });
  expect(reply.status).toBe(200);
  return (await reply.json()) as CheckedBooks;
}

/** Requests of a few keys, windows and resets, with credits and without, and a till with something in it. */
async function business(): Promise<{ key: string; credits: string }> {
  const organization_id = (await db.query('SELECT id FROM keys.organization')).rows[0].id as string;
  await client.call(CreditsRpc.addCredit, { organization_id, currency: 'USD', amount: '9.00' });
  const house = { organization_id, project_id: id('project') };
  const keys = [id('key'), id('key')];
  const events = Array.from({ length: 40 }, (_, n) => ({
    ...house,
    request_id: id('request'),
    kind: 'final' as const,
    key_id: keys[n % 2] as string,
    secret_id: id('secret'),
    at: new Date().toISOString(),
    endpoint: '/v1/chat/completions',
    model: 'echo',
    provider: 'echo',
    own_key: n % 7 === 0,
    prepaid: n % 3 > 0,
    stream: false,
    outcome: 'ok' as const,
    status: 200,
    input_tokens: 1,
    cached_input_tokens: 0,
    output_tokens: 1,
    cost_nanos: String(1000 + n),
    currency: 'USD',
    spend_epoch: n % 4,
    window_start: n % 5 ? '2026-01-31T10:00:00.007Z' : null,
    project_spend_epoch: n % 2,
    project_window_start: n % 6 ? '2026-02-28T00:00:00.000Z' : null,
    duration_ms: 1,
    first_byte_ms: 1,
  }));
  await publishUsage(bus, randomUUID(), { events });
  const key = keys[0] as string;
  const asked = { limit_nanos: '5000000', need_nanos: '700', want_nanos: '0', returned_nanos: '0' };
  const bucket = bucketId(key, 0, null);
  const till = { till: 'redis', run: 'run', epoch: 0, revision: 1 };
  await client.call(EscrowRpc.grantSlices, { ...house, key_id: key, ...till, buckets: [{ bucket, ...asked }] });
  const written = async () =>
    (await db.query("SELECT count(*)::int AS n FROM usage_event WHERE kind = 'final'")).rows[0].n;
  await eventually(written, (n) => n === 40);
  return { key, credits: `${organization_id}/USD` };
}

describe('the books', () => {
  it('agree with the ledger; what does not is named with its amounts, and repaired from it', async () => {
    const { key, credits } = await business();
    expect(await check()).toMatchObject({ count: 0, drifts: [], repaired: false });

    const spent = bucketId(key, 0, null);
    await db.query('UPDATE bucket SET settled = settled + 5 WHERE id = $1', [spent]);
    await db.query('UPDATE bucket SET granted = granted + 50 WHERE id = $1', [spent]);
    await db.query('UPDATE bucket SET limit_nanos = limit_nanos - 1 WHERE id = $1', [credits]);
    await db.query('DELETE FROM bucket WHERE id LIKE $1', [`${key}/2/%`]);
    await db.query('UPDATE key_total SET cost_nanos = 3 WHERE key_id = $1', [key]);
    const wrong = await check();
    expect(wrong.count).toBe(5);
    expect(wrong.drifts).toContainEqual({ what: 'granted', id: spent, expected: '0.000078125', found: '0.000078175' });
    expect(wrong.drifts).toContainEqual({ what: 'credits', id: credits, expected: '9.00', found: '8.999999999' });
    expect(new Set(wrong.drifts.map(({ what }) => what))).toEqual(new Set(['settled', 'granted', 'credits', 'total']));

    const cli = (...args: string[]) =>
      promisify(execFile)(process.execPath, ['scripts/keyward.mjs', 'check-books', '--url', stack.url, ...args], {
        env: { KEYWARD_EMAIL: 'owner@keyward.test', KEYWARD_PASSWORD: 'correct-horse-battery' },
      });
    await expect(cli()).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining('5 sums') });
    expect((await cli('--repair')).stdout).toContain(credits);
    expect(await check()).toMatchObject({ count: 0 });
  });

  it('are for those who run the installation', async () => {
    const { key } = await stack.admin.createKey({ scopes: ['write'] });
    const reply = await fetch(`${stack.url}/api/check-books`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: '{}',
    });
    expect(reply.status).toBe(403);
  });
});
