import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { Webhook as Verifier } from 'standardwebhooks';
import type { Delivery, Webhook } from '#contracts/webhooks';
import { eventually, type Stack, startStack } from '../stack.js';

interface Received {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}
type Made = Webhook & { secret: string };
type Told = { type: string; data: { key_id?: string } };

let stack: Stack;
let receiver: Server;
let database: Client;
let base: string;
const received: Received[] = [];
/** How a path is answered; 204 where nothing is said. */
const behaviour = new Map<string, (response: ServerResponse) => void>();

beforeAll(async () => {
  receiver = createServer(async (request, response) => {
    const path = request.url ?? '';
    received.push({ path, headers: request.headers, body: await text(request) });
    const behave = behaviour.get(path) ?? ((answer) => answer.writeHead(204).end());
    behave(response);
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`;
  stack = await startStack({ env: { KEYWARD_WEBHOOKS_PRIVATE: 'true' } });
  database = new Client({ connectionString: stack.servers.postgres });
  await database.connect();
});
afterAll(async () => {
  await database?.end();
  await stack?.stop();
  receiver?.closeAllConnections();
  await new Promise((resolve) => receiver.close(resolve));
});

async function hook(path: string, fields: Record<string, unknown> = {}): Promise<Made> {
  const reply = await stack.admin.call('POST', '/api/webhooks', { url: base + path, events: ['key.*'], ...fields });
  expect(reply.status).toBe(201);
  expect(reply.headers.get('cache-control')).toBe('no-store');
  return (await reply.json()) as Made;
}

const at = (path: string) => received.filter((message) => message.path === path);
const told = (path: string) => at(path).map(({ body }) => JSON.parse(body) as Told);
const arrives = (path: string, count = 1) =>
  eventually(
    async () => at(path),
    (messages) => messages.length >= count,
    10_000,
  );

async function deliveriesOf(id: string): Promise<Delivery[]> {
  const reply = await stack.admin.call('GET', `/api/webhooks/${id}/deliveries`);
  return ((await reply.json()) as { data: Delivery[] }).data;
}

async function viewOf(id: string): Promise<Webhook> {
  return (await stack.admin.call('GET', `/api/webhooks/${id}`)).json() as Promise<Webhook>;
}

/** The next try is hours away: as if they had gone by. */
const hurry = (id: string) =>
  database.query("UPDATE keys.webhook_delivery SET next_try_at = now() WHERE webhook_id = $1 AND status = 'waiting'", [
    id,
  ]);

describe('a webhook', () => {
  it('hears what happens to keys, signed so that the standard library verifies it', async () => {
    const { id, secret } = await hook('/signed');
    const key = await stack.admin.createKey();
    const [message] = await arrives('/signed');
    const { headers, body } = message as Received;
    expect(new Verifier(secret).verify(body, headers as Record<string, string>)).toMatchObject({
      type: 'key.created',
      data: { key_id: key.id },
    });
    expect(() => new Verifier(secret).verify(`${body} `, headers as Record<string, string>)).toThrow();
    expect(headers['webhook-id']).toMatch(/^dlv_/);
    const [delivery] = await eventually(
      () => deliveriesOf(id),
      ([first]) => first?.status === 'delivered',
    );
    expect(delivery).toMatchObject({ id: headers['webhook-id'], tries: 1, response_status: 204, next_try_at: null });
    expect(JSON.stringify(await viewOf(id))).not.toContain('whsec_');
  });

  it('hears only what it asked for, each event once', async () => {
    await hook('/narrow', { events: ['key.disabled', 'limit.*'] });
    const { id } = await stack.admin.createKey();
    await stack.admin.call('POST', `/api/api-keys/${id}/disable`, {});
    await stack.admin.call('POST', `/api/api-keys/${id}/enable`, {});
    await stack.admin.call('POST', `/api/api-keys/${id}/disable`, {});
    await arrives('/narrow', 2);
    expect(told('/narrow').map(({ type, data }) => [type, data.key_id])).toEqual([
      ['key.disabled', id],
      ['key.disabled', id],
    ]);
  });

  it('of one project hears nothing of another', async () => {
    const project = (await (await stack.admin.call('POST', '/api/projects', { name: 'apart' })).json()) as {
      id: string;
    };
    await hook('/project', { project_id: project.id });
    await stack.admin.createKey();
    const ours = await stack.admin.createKey({ project_id: project.id });
    await arrives('/project');
    expect(told('/project').map(({ data }) => data.key_id)).toEqual([ours.id]);
  });

  it('is tried again after an error, under the same id, and says how it went', async () => {
    const { id } = await hook('/flaky');
    behaviour.set('/flaky', (response) => response.writeHead(500).end('not now'));
    await stack.admin.createKey();
    await arrives('/flaky');
    const [failed] = await eventually(
      () => deliveriesOf(id),
      ([first]) => first?.response_status === 500,
    );
    expect(failed).toMatchObject({ status: 'waiting', tries: 1, response: 'not now' });
    const wait = Date.parse(failed?.next_try_at ?? '') - Date.parse(failed?.last_tried_at ?? '');
    expect(wait).toBeGreaterThan(4000);
    behaviour.delete('/flaky');
    await hurry(id);
    await arrives('/flaky', 2);
    const [first, second] = at('/flaky').map(({ headers }) => headers['webhook-id']);
    expect(second).toBe(first);
    await eventually(
      () => deliveriesOf(id),
      ([one]) => one?.status === 'delivered' && one.tries === 2,
    );
  });

  it('follows no redirect', async () => {
    const { id } = await hook('/elsewhere');
    behaviour.set('/elsewhere', (response) => response.writeHead(302, { location: `${base}/inner` }).end());
    await stack.admin.call('POST', `/api/webhooks/${id}/test`);
    await eventually(
      () => deliveriesOf(id),
      ([first]) => first?.response_status === 302,
    );
    expect(at('/inner')).toEqual([]);
  });

  it('that answers 410 is paused, and hears again when it is resumed', async () => {
    const { id } = await hook('/gone');
    behaviour.set('/gone', (response) => response.writeHead(410).end());
    await stack.admin.createKey();
    await eventually(
      () => viewOf(id),
      ({ status }) => status === 'paused',
    );
    expect(await viewOf(id)).toMatchObject({ paused_because: 'gone' });
    behaviour.delete('/gone');
    const resumed = await stack.admin.call('PATCH', `/api/webhooks/${id}`, { status: 'active' });
    expect(await resumed.json()).toMatchObject({ status: 'active', paused_because: null });
    const { id: key } = await stack.admin.createKey();
    await eventually(
      async () => told('/gone').map(({ data }) => data.key_id),
      (keys) => keys.includes(key),
    );
  });

  it('whose last try fails is paused, because nobody listens there', async () => {
    const { id } = await hook('/dead');
    behaviour.set('/dead', (response) => response.destroy());
    await stack.admin.createKey();
    await arrives('/dead');
    await eventually(
      () => deliveriesOf(id),
      ([first]) => first?.error !== null,
    );
    await database.query('UPDATE keys.webhook_delivery SET tries = 8 WHERE webhook_id = $1', [id]);
    await hurry(id);
    await eventually(
      () => viewOf(id),
      ({ status }) => status === 'paused',
    );
    expect(await viewOf(id)).toMatchObject({ paused_because: 'failing' });
  });

  it('can be sent a delivery again', async () => {
    const { id } = await hook('/again');
    const tested = (await (await stack.admin.call('POST', `/api/webhooks/${id}/test`)).json()) as Delivery;
    await arrives('/again');
    await eventually(
      () => deliveriesOf(id),
      ([first]) => first?.status === 'delivered',
    );
    expect((await stack.admin.call('POST', `/api/webhooks/${id}/deliveries/${tested.id}/redeliver`)).status).toBe(202);
    await arrives('/again', 2);
    expect(at('/again').map(({ headers }) => headers['webhook-id'])).toEqual([tested.id, tested.id]);
  });

  it('is signed with both secrets after a rotation', async () => {
    const { id, secret } = await hook('/rotated');
    const rotated = (await (await stack.admin.call('POST', `/api/webhooks/${id}/rotate-secret`)).json()) as Made;
    expect(rotated.secret).not.toBe(secret);
    await stack.admin.call('POST', `/api/webhooks/${id}/test`);
    const [{ headers, body }] = (await arrives('/rotated')) as [Received];
    for (const each of [secret, rotated.secret])
      expect(new Verifier(each).verify(body, headers as Record<string, string>)).toMatchObject({
        type: 'webhook.test',
      });
  });

  it('is kept with its secret encrypted, in the audit log without it, and repeats no secret', async () => {
    const body = { url: `${base}/kept`, events: ['*'] };
    const ask = () => stack.admin.call('POST', '/api/webhooks', body, { 'idempotency-key': 'one-webhook' });
    const first = (await (await ask()).json()) as Made;
    const second = (await (await ask()).json()) as Partial<Made>;
    expect(second).toMatchObject({ id: first.id });
    expect(second.secret).toBeUndefined();
    const { rows } = await database.query(
      'SELECT w::text FROM keys.webhook w UNION ALL SELECT a::text FROM keys.audit_event a',
    );
    const kept = JSON.stringify(rows);
    expect(kept).toContain(first.id);
    for (const form of [first.secret, first.secret.slice(6), Buffer.from(first.secret).toString('hex')])
      expect(kept).not.toContain(form);
  });
});

describe('who may have one, and where it may go', () => {
  it('is refused to a key without the scope, and given to one that has it', async () => {
    const { key: reader } = await stack.admin.createKey({ scopes: ['read', 'write'] });
    const { key: hooker } = await stack.admin.createKey({ scopes: ['webhook'] });
    const list = (key: string) => fetch(`${stack.url}/api/webhooks`, { headers: { authorization: `Bearer ${key}` } });
    expect((await list(reader)).status).toBe(403);
    expect((await list(hooker)).status).toBe(200);
  });

  it.each([
    [{ url: 'ftp://example.com/x' }, 'url'],
    [{ url: 'https://user:secret@example.com/' }, 'url'],
    [{ events: [] }, 'events'],
    [{ events: ['key..x'] }, 'events.0'],
    [{ events: ['key.*', 'key.*'] }, 'events'],
    [{ colour: 'red' }, 'colour'],
  ])('refuses %j, naming %s', async (fields, param) => {
    const reply = await stack.admin.call('POST', '/api/webhooks', { url: base, events: ['*'], ...fields });
    expect(reply.status).toBe(400);
    expect(await reply.json()).toMatchObject({ code: 'invalid_request', param });
  });

  it('ends at twenty, and a deleted one makes room', async () => {
    const { data } = (await (await stack.admin.call('GET', '/api/webhooks?limit=100')).json()) as { data: Webhook[] };
    for (let count = data.length; count < 20; count++) await hook('/many');
    const full = await stack.admin.call('POST', '/api/webhooks', { url: base, events: ['*'] });
    expect(await full.json()).toMatchObject({ code: 'plan_limit_reached' });
    const [one] = data;
    expect((await stack.admin.call('DELETE', `/api/webhooks/${one?.id}`)).status).toBe(204);
    expect((await stack.admin.call('GET', `/api/webhooks/${one?.id}`)).status).toBe(404);
    await hook('/many');
  });
});
