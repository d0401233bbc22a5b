import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { Client } from 'pg';
import { KeysEvents } from '#contracts/keys';
import { connectBus } from '#rpc/connect';
import { EVENT_STREAM } from '#rpc/events';
import { type Scanner, startScanner } from '../scanner.js';
import { chat, eventually, type Stack, startStack } from '../stack.js';

let stack: Stack;
let scanner: Scanner;
let database: Client;
let bus: NatsConnection;
beforeAll(async () => {
  scanner = await startScanner();
  stack = await startStack({ env: { KEYWARD_SECRET_SCANNING_KEYS: scanner.url } });
  database = new Client({ connectionString: stack.servers.postgres });
  await database.connect();
  bus = await connectBus({ url: stack.servers.nats, name: 'test' });
});
afterAll(async () => {
  await bus?.close();
  await database?.end();
  await stack?.stop();
  await scanner?.stop();
});

const PLACE = 'https://raw.githubusercontent.com/octocat/hello/12345600b9cbe38a219f39a9941c9319b600c002/.env';

const post = (body: string, headers: Record<string, string>, url = stack.url) =>
  fetch(`${url}/api/secret-scanning/alerts`, { method: 'POST', headers, body });

function report(tokens: string[], url: string | null = PLACE) {
  const body = JSON.stringify(tokens.map((token) => ({ token, type: 'keyward_api_key', url, source: 'content' })));
  return post(body, scanner.headersFor(body));
}

const viewOf = async (id: string) =>
  (await (await stack.admin.call('GET', `/api/api-keys/${id}`)).json()) as Record<string, unknown>;

const auditOf = async (id: string) =>
  (await database.query("SELECT * FROM keys.audit_event WHERE subject = $1 AND action = 'key.leaked'", [id])).rows;

const policyIs = (policy: string) => database.query('UPDATE keys.organization SET leak_policy = $1', [policy]);

async function toldOf(id: string) {
  const { streams } = await jetstreamManager(bus);
  const { state } = await streams.info(EVENT_STREAM, { subjects_filter: KeysEvents.keyLeaked.subject });
  const count = state.subjects?.[KeysEvents.keyLeaked.subject] ?? 0;
  if (count === 0) return [];
  const consumer = await jetstream(bus).consumers.get(EVENT_STREAM, { filter_subjects: KeysEvents.keyLeaked.subject });
  const told = [];
  for await (const message of await consumer.fetch({ max_messages: count, expires: 1000 })) told.push(message.json());
  return (told as { key_id: string }[]).filter((event) => event.key_id === id);
}

describe('a key that is found in public', () => {
  it('is disabled, on every gateway, and its owner is told where it was found', async () => {
    await policyIs('disable');
    const { id, key } = await stack.admin.createKey();
    expect((await chat(stack.url, key)).status).toBe(200);
    const before = Date.now();

    const reply = await report([key]);
    expect(reply.status).toBe(200);
    expect(await reply.json()).toEqual([
      { token_hash: hash('sha256', key, 'hex'), token_type: 'keyward_api_key', label: 'true_positive' },
    ]);
    await eventually(
      () => chat(stack.url, key),
      ({ status }) => status === 401,
      2000,
    );
    const view = await viewOf(id);
    expect(view.status).toBe('disabled');
    expect(Date.parse(String(view.leaked_at))).toBeGreaterThanOrEqual(before);
    expect(await auditOf(id)).toMatchObject([
      {
        actor: 'service:secret-scanning',
        before: { leaked_at: null, disabled: false },
        after: { disabled: true, outcome: 'disabled', url: PLACE, source: 'content' },
      },
    ]);
    const told = await eventually(
      () => toldOf(id),
      (events) => events.length > 0,
    );
    expect(told).toMatchObject([{ key_id: id, outcome: 'disabled', url: PLACE, source: 'content' }]);
  });

  it('goes on working where its organization only wants it marked', async () => {
    await policyIs('flag');
    const { id, key } = await stack.admin.createKey();
    expect((await report([key])).status).toBe(200);
    const view = await viewOf(id);
    expect(view.status).toBe('active');
    expect(view.leaked_at).not.toBeNull();
    expect((await chat(stack.url, key)).status).toBe(200);
    expect(await toldOf(id)).toMatchObject([{ outcome: 'flagged' }]);
    await policyIs('disable');
  });

  it('keeps its new secret where only the old one of a rotation leaked', async () => {
    const { id, key: old } = await stack.admin.createKey();
    const rotated = await stack.admin.call('POST', `/api/api-keys/${id}/rotate`, {});
    const { key: fresh } = (await rotated.json()) as { key: string };
    expect((await chat(stack.url, old)).status).toBe(200);
    expect(await (await report([old])).json()).toMatchObject([{ label: 'true_positive' }]);
    await eventually(
      () => chat(stack.url, old),
      ({ status }) => status === 401,
      2000,
    );
    expect((await chat(stack.url, fresh)).status).toBe(200);
    expect(await viewOf(id)).toMatchObject({ status: 'active', previous: null });
    expect(await auditOf(id)).toMatchObject([{ after: { outcome: 'retired' } }]);
  });

  it('is dealt with once, however often the same place is reported', async () => {
    const { id, key } = await stack.admin.createKey();
    for (const _ of [1, 2]) expect(await (await report([key])).json()).toMatchObject([{ label: 'true_positive' }]);
    expect(await auditOf(id)).toHaveLength(1);
    // The owner has looked at it and wants it back: the scanner's next round does not undo that.
    const enabled = await database.query('UPDATE keys.api_key SET disabled_at = NULL WHERE id = $1', [id]);
    expect(enabled.rowCount).toBe(1);
    await report([key]);
    expect((await viewOf(id)).status).toBe('active');
    // Another place is another leak.
    await report([key], 'https://example.com/elsewhere');
    expect((await viewOf(id)).status).toBe('disabled');
    expect(await auditOf(id)).toHaveLength(2);
  });

  it('is written down nowhere, not even where the place holds it', async () => {
    const { id, key } = await stack.admin.createKey();
    await report([key], `https://example.com/?key=${key}`);
    const [entry] = await auditOf(id);
    expect(entry.after.url).toBe('https://example.com/?key=…');
    const { rows } = await database.query(
      'SELECT t::text FROM keys.change t UNION ALL SELECT t::text FROM keys.idempotency t',
    );
    expect(JSON.stringify(rows)).not.toContain(key);
    expect(JSON.stringify(await toldOf(id))).not.toContain(key);
  });

  it('is one of many: each is answered for itself, the unknown and the nonsensical alike', async () => {
    const { key } = await stack.admin.createKey();
    const gone = await stack.admin.createKey();
    await stack.admin.call('DELETE', `/api/api-keys/${gone.id}`);
    const altered = key.slice(0, -1) + (key.at(-1) === 'a' ? 'b' : 'a');
    const tokens = ['nonsense', altered, key, 'x'.repeat(1000), gone.key];
    const verdicts = (await (await report(tokens, null)).json()) as { token_hash: string; label: string }[];
    expect(verdicts.map(({ label }) => label)).toEqual([
      'false_positive',
      'false_positive',
      'true_positive',
      'false_positive',
      'true_positive',
    ]);
    expect(verdicts.map(({ token_hash }) => token_hash)).toEqual(tokens.map((token) => hash('sha256', token, 'hex')));
  });
});

describe('a report', () => {
  const body = JSON.stringify([{ token: 'kw_x', type: 'keyward_api_key', url: '', source: 'content' }]);

  it('that nobody signed, or somebody else did, or that says something else than what was signed, is refused', async () => {
    const signed = scanner.headersFor(body);
    const { 'github-public-key-signature': signature, ...unsigned } = signed;
    const attempts: [string, Record<string, string>][] = [
      [body, unsigned],
      [body, { ...signed, 'github-public-key-signature': 'bm9uc2Vuc2U=' }],
      [body, { ...signed, 'github-public-key-signature': '' }],
      [body, { ...signed, 'github-public-key-identifier': 'f'.repeat(64) }],
      [body.replace('kw_x', 'kw_y'), signed],
      // The same JSON, but not the same bytes.
      [`${body} `, signed],
      ['[]', signed],
    ];
    for (const [text, headers] of attempts) {
      const reply = await post(text, headers);
      expect([reply.status, reply.headers.get('x-keyward-error-code')]).toEqual([401, 'invalid_signature']);
    }
    expect((await post(body, signed)).status).toBe(200);
  });

  it('with an unknown key id asks for the keys again, and not a second time within a minute', async () => {
    const asked = scanner.asked();
    for (const _ of [1, 2, 3]) {
      const reply = await post(body, scanner.headersFor(body, scanner.addKey()));
      expect(reply.status).toBe(401);
    }
    expect(scanner.asked() - asked).toBeLessThanOrEqual(1);
  });

  it('too large or of another shape is refused although it is signed', async () => {
    const large = JSON.stringify([{ token: 'x'.repeat(2 * 1024 * 1024), type: 't' }]);
    expect((await post(large, scanner.headersFor(large))).status).toBe(413);
    for (const wrong of ['{}', '[]', '[{"type":"t"}]', JSON.stringify(Array(501).fill({ token: 'x', type: 't' }))]) {
      expect((await post(wrong, scanner.headersFor(wrong))).status).toBe(400);
    }
  });

  it('is not taken at all where no scanner is known', async () => {
    const deaf = await stack.startGateway({ KEYWARD_SECRET_SCANNING_KEYS: '' });
    expect((await post(body, scanner.headersFor(body), deaf.url as string)).status).toBe(404);
  });

  it('by too many from one address is refused for the rest of the minute', async () => {
    const busy = await stack.startGateway();
    const json = { 'content-type': 'application/json' };
    const statuses = await Promise.all(
      Array.from({ length: 140 }, async () => (await post(body, json, busy.url as string)).status),
    );
    expect(statuses.toSorted().slice(-21)).toEqual([401, ...Array(20).fill(429)]);
  });
});

describe('what our keys look like', () => {
  it('is published, finds each key whole, and nothing else', async () => {
    const reply = await fetch(`${stack.url}/api/secret-scanning/patterns`);
    expect(reply.status).toBe(200);
    const { data } = (await reply.json()) as { data: { type: string; profile: string; pattern: string }[] };
    expect(data.map(({ profile }) => profile).sort()).toEqual([
      'aicredits',
      'dosai',
      'doteb',
      'example',
      'keyward',
      'osm',
    ]);
    const ours = new RegExp(data.find(({ profile }) => profile === 'keyward')?.pattern ?? '', 'g');
    const { id, key } = await stack.admin.createKey();
    expect(`KEY="${key}" # ${id}`.match(ours)).toEqual([key]);
    expect(`${key}x`.match(ours)).toBeNull();
  });

  it('is what the documentation says', async () => {
    const { data } = (await (await fetch(`${stack.url}/api/secret-scanning/patterns`)).json()) as {
      data: { type: string; pattern: string }[];
    };
    const text = readFileSync('docs/leaked-keys.md', 'utf8');
    for (const { type, pattern } of data) expect(text).toContain(`| \`${type}\` | \`${pattern}\` |`);
  });
});
