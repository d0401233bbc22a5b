import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { NatsConnection } from '@nats-io/transport-node';
import type { ModelView, ProviderView } from '#contracts/catalogue';
import { PeopleRpc } from '#contracts/people';
import { BusClient } from '#rpc/client';
import { connectBus } from '#rpc/connect';
import { type FakeUpstream, startFakeUpstream } from '../fake-upstream/fake-upstream.js';
import { type Person, person } from '../people.js';
import { chat, eventually, type Stack, startStack } from '../stack.js';

let stack: Stack;
let upstream: FakeUpstream;
let bus: NatsConnection;
let dir: string;
let file: string;
/** An owner, but of the second organization. */
let stranger: Person;

const TOKENS = { input: 1_000_000, cachedInput: 0, cacheWrite: 0, output: 1_000_000, reasoning: 0 };

const said = (more = '') => `providers:
  up: { origin: '${upstream.url}', prices: openai, models: ['gpt-4o-mini'] }
models:
  house: [{ provider: up, price: { input: 1, output: 1 } }]
${more}`;

beforeAll(async () => {
  upstream = await startFakeUpstream();
  dir = await mkdtemp(join(tmpdir(), 'keyward-catalogue-'));
  file = join(dir, 'catalogue.yaml');
  await writeFile(file, said());
  stack = await startStack({ env: { KEYWARD_CATALOGUE_FILE: file } });
  bus = await connectBus({ url: stack.servers.nats, name: 'test' });
  const owner = { email: 'owner@second.test', password: 'the password of the second' };
  const second = { name: 'Second', owner: { ...owner, name: 'Second owner' }, project: { name: 'Second first' } };
  await new BusClient({ connection: bus, service: 'platform' }).call(PeopleRpc.createOrganization, second);
  stranger = await person(stack.url, owner);
});
afterAll(async () => {
  await bus?.close();
  await stack?.stop();
  await upstream?.stop();
  if (dir) await rm(dir, { recursive: true, force: true });
});
beforeEach(() => {
  upstream.control.always({ usage: TOKENS });
  upstream.record.clear();
});

async function ask<T>(status: number, method: string, path: string, body?: unknown, headers?: Record<string, string>) {
  const reply = await stack.admin.call(method, path, body, headers);
  const text = await reply.text();
  if (reply.status !== status) throw new Error(`${method} ${path}: ${reply.status} ${text}`);
  return (text ? JSON.parse(text) : undefined) as T;
}

const price = (input: string, output: string) => ({ input, output });
const routeTo = (input: string, output: string) => [{ provider: 'up', price: price(input, output) }];
let made = 0;
const newName = () => `model-${++made}`;

/** A call with a key of its own: 200 and what it cost, or how it was refused. */
async function call(model: string): Promise<string> {
  const { id, key } = await stack.admin.createKey();
  const reply = await chat(stack.url, key, { model });
  if (reply.status !== 200) return String(reply.status);
  await reply.text();
  const view = () => ask<{ usage: string; requests: number }>(200, 'GET', `/api/api-keys/${id}`);
  return (await eventually(view, ({ requests }) => requests === 1)).usage;
}

const within2s = (model: string, answer: string) =>
  eventually(
    () => call(model),
    (is) => is === answer,
    2000,
  );

describe('an operator', () => {
  it('adds a model, and every gateway serves it at its price within two seconds', async () => {
    const id = newName();
    const model = await ask<ModelView>(201, 'POST', '/api/models', { id, context: 8000, routes: routeTo('2', '3.5') });
    expect(model).toMatchObject({ id, alias: null, context: 8000, free: false, unpriced: false, managed: true });
    expect(model.routes).toMatchObject([
      { provider: 'up', upstream_model: id, price: { input: '2.00', cached_input: '2.00', output: '3.50' } },
    ]);
    await within2s(id, '5.50');
  });

  it('gives it another name', async () => {
    const alias = newName();
    const view = await ask<ModelView>(201, 'POST', '/api/models', { id: alias, alias: 'house' });
    expect(view).toMatchObject({ alias: 'house', routes: [{ price: { input: '1.00' } }] });
    await within2s(alias, '2.00');
    expect(upstream.record.requests.at(-1)?.model).toBe('house');
    expect((await ask<ModelView>(200, 'GET', '/api/models/house')).aliases).toContain(alias);
  });

  it('may be an admin key of the first organization', async () => {
    const { key } = await stack.admin.createKey({ scopes: ['admin'] });
    const asKey = { cookie: '', authorization: `Bearer ${key}` };
    const id = newName();
    await ask(201, 'POST', '/api/models', { id, alias: 'house' }, asKey);
    await ask(204, 'DELETE', `/api/models/${id}`, undefined, asKey);
  });

  it('changes a price from now on; what it was before can still be read', async () => {
    const id = newName();
    await ask(201, 'POST', '/api/models', { id, routes: routeTo('1', '1') });
    await within2s(id, '2.00');
    await ask(200, 'PATCH', `/api/models/${id}`, { routes: routeTo('3', '4') });
    await within2s(id, '7.00');
    const { routes } = await ask<ModelView>(200, 'GET', `/api/models/${id}`);
    expect(routes[0]?.prices).toMatchObject([
      { from: null, price: { input: '1.00' } },
      { from: expect.stringMatching(/^20.*Z$/), price: { input: '3.00' } },
    ]);
  });

  it('sets a price for later, thinks it over, and never for earlier', async () => {
    const id = newName();
    await ask(201, 'POST', '/api/models', { id, routes: routeTo('1', '1') });
    const later = (input: string, from: string) => ({ routes: [{ provider: 'up', price: price(input, '9'), from }] });
    await ask(200, 'PATCH', `/api/models/${id}`, later('8', '2999-01-01T00:00:00Z'));
    const { routes } = await ask<ModelView>(200, 'PATCH', `/api/models/${id}`, later('9', '2999-01-01T01:00:00+01:00'));
    expect(routes[0]).toMatchObject({
      price: { input: '1.00' },
      prices: [{ from: null }, { from: '2999-01-01T00:00:00.000Z', price: { input: '9.00' } }],
    });
    await within2s(id, '2.00');
    const refusal = await ask<object>(400, 'PATCH', `/api/models/${id}`, later('0', '2020-01-01T00:00:00Z'));
    expect(refusal).toMatchObject({ code: 'invalid_request', param: 'routes.0.from' });
  });

  it('writes nothing where nothing is new, and is told where somebody else was faster', async () => {
    const id = newName();
    await ask(201, 'POST', '/api/models', { id, routes: routeTo('1', '1') });
    const reply = await stack.admin.call('GET', `/api/models/${id}`);
    const etag = { 'if-match': reply.headers.get('etag') ?? '' };
    const same = await ask<ModelView>(200, 'PATCH', `/api/models/${id}`, { routes: routeTo('1.00', '1') }, etag);
    expect(same.routes[0]?.prices).toHaveLength(1);
    await ask(200, 'PATCH', `/api/models/${id}`, { context: 1 });
    await ask(412, 'PATCH', `/api/models/${id}`, { context: 2 }, etag);
    await ask(412, 'DELETE', `/api/models/${id}`, undefined, etag);
  });

  it('takes a model out, and it is 404 at the edge within two seconds; made again, it has its history', async () => {
    const id = `team/${newName()}`;
    const path = `/api/models/${encodeURIComponent(id)}`;
    await ask(201, 'POST', '/api/models', { id, routes: routeTo('1', '1') });
    await within2s(id, '2.00');
    await ask(204, 'DELETE', path);
    await within2s(id, '404');
    await ask(404, 'GET', path);
    const again = await ask<ModelView>(201, 'POST', '/api/models', { id, routes: routeTo('5', '5') });
    expect(again.routes[0]?.prices).toMatchObject([{ price: { input: '1.00' } }, { price: { input: '5.00' } }]);
  });

  it('changes and takes out what the file and the known prices have, too', async () => {
    await within2s('gpt-4o-mini', '0.75');
    const known = await ask<ModelView>(200, 'GET', '/api/models/gpt-4o-mini');
    expect(known).toMatchObject({ managed: false, revision: 0 });
    await ask(200, 'PATCH', '/api/models/gpt-4o-mini', { routes: routeTo('10', '10') });
    await within2s('gpt-4o-mini', '20.00');
    const { routes } = await ask<ModelView>(200, 'GET', '/api/models/gpt-4o-mini');
    expect(routes[0]?.prices.map((timed) => timed.price?.input)).toEqual(['0.15', '10.00']);
    await ask(204, 'DELETE', '/api/models/gpt-4o-mini');
    await within2s('gpt-4o-mini', '404');
  });

  it('cannot leave a catalogue that is not whole', async () => {
    const wrong: [number, string, string, unknown?][] = [
      [400, 'POST', '/api/models', { id: newName() }],
      [400, 'POST', '/api/models', { id: newName(), routes: [{ provider: 'nobody' }] }],
      [400, 'POST', '/api/models', { id: newName(), alias: 'nothing' }],
      [400, 'POST', '/api/models', { id: newName(), alias: 'house', context: 1 }],
      [400, 'POST', '/api/models', { id: 'with spaces', alias: 'house' }],
      [400, 'POST', '/api/models', { id: newName(), routes: [{ provider: 'up', price: price('-1', '1') }] }],
      [400, 'POST', '/api/models', { id: newName(), routes: [{ provider: 'up', price: price('1', '1'), free: true }] }],
      [409, 'POST', '/api/models', { id: 'house', alias: 'gpt-4o-mini' }],
      [404, 'PATCH', '/api/models/no-such-model', { context: 1 }],
      [404, 'DELETE', '/api/models/no-such-model'],
      [409, 'DELETE', '/api/providers/up'],
      [404, 'DELETE', '/api/providers/nobody'],
    ];
    for (const [status, method, path, body] of wrong) await ask(status, method, path, body);
    expect(await call('house')).toBe('2.00');
  });

  it('is done once with an Idempotency-Key, and stands in the audit log with before and after', async () => {
    const id = newName();
    const once = { 'idempotency-key': id };
    const body = { id, routes: routeTo('1', '1') };
    const first = await ask<ModelView>(201, 'POST', '/api/models', body, once);
    expect(await ask(201, 'POST', '/api/models', body, once)).toEqual(first);
    await ask(422, 'POST', '/api/models', { ...body, context: 1 }, once);
    await ask(200, 'PATCH', `/api/models/${id}`, { context: 7 });
    await ask(204, 'DELETE', `/api/models/${id}`);
    const log = () => ask<{ data: { action: string; actor: string }[] }>(200, 'GET', `/api/audit-events?subject=${id}`);
    const { data } = await eventually(log, (page) => page.data.length === 3);
    expect(data).toMatchObject([
      { action: 'model.delete', before: { context: 7 }, after: null },
      { action: 'model.update', before: { context: null }, after: { context: 7 } },
      { action: 'model.create', before: null, actor: expect.stringMatching(/^member:mem_/) },
    ]);
    expect(await ask(200, 'GET', '/api/audit-events/verify')).toMatchObject({ intact: true });
  });
});

describe('a provider', () => {
  it('is added, moved, and taken out when nothing needs it', async () => {
    const other = await startFakeUpstream();
    try {
      const id = newName();
      const provider = await ask<ProviderView>(201, 'POST', '/api/providers', { id: 'mine', origin: upstream.url });
      expect(provider).toMatchObject({ id: 'mine', dialect: 'openai', origin: upstream.url, serves: 0, managed: true });
      await ask(201, 'POST', '/api/models', { id, routes: [{ provider: 'mine', free: true }] });
      await within2s(id, '0.00');
      await ask(409, 'DELETE', '/api/providers/mine');
      await ask(200, 'PATCH', '/api/providers/mine', { origin: other.url });
      await eventually(
        () => call(id),
        () => other.record.requests.length > 0,
        2000,
      );
      await ask(204, 'DELETE', `/api/models/${id}`);
      await ask(204, 'DELETE', '/api/providers/mine');
      await ask(404, 'GET', '/api/providers/mine');
    } finally {
      await other.stop();
    }
  });

  it.each([
    [{ origin: 'http://user:secret@127.0.0.1' }, 'origin'],
    [{ origin: 'ftp://127.0.0.1' }, 'origin'],
    [{ origin: 'http://169.254.169.254/latest' }, 'origin'],
    [{ origin: 'https://x.test', credential_env: 'KEYWARD_SECRET' }, 'credential_env'],
    [{ origin: 'https://x.test', credential_env: 'KEYWARD_SOME_API_KEY' }, 'credential_env'],
    [{ origin: 'https://x.test', credential_env: 'PATH' }, 'credential_env'],
    [{ origin: 'https://x.test', credential_file: '/etc/passwd' }, 'credential_file'],
    [{ origin: 'https://x.test', credential_file: '../../../etc/passwd' }, 'credential_file'],
    [{ origin: 'https://x.test', credential: 'sk-a-secret' }, 'credential'],
  ])('cannot be %j', async (fields, param) => {
    expect(await ask<object>(400, 'POST', '/api/providers', { id: 'wrong', ...fields })).toMatchObject({ param });
  });

  it('that redirects is not followed', async () => {
    const other = await startFakeUpstream();
    try {
      upstream.control.next({ status: 307, headers: { location: `${other.url}/v1/chat/completions` }, body: {} });
      const { key } = await stack.admin.createKey();
      expect((await chat(stack.url, key, { model: 'house' })).status).not.toBe(200);
      expect(other.record.requests).toEqual([]);
    } finally {
      await other.stop();
    }
  });
});

describe('whoever does not run the installation', () => {
  it('sees the catalogue, and changes nothing: a member, an owner of another organization, a key', async () => {
    const { key } = await stack.admin.createKey({ scopes: ['read', 'write'] });
    const asKey = { cookie: '', authorization: `Bearer ${key}` };
    await ask(200, 'GET', '/api/models/house', undefined, asKey);
    await ask(403, 'POST', '/api/models', { id: newName(), alias: 'house' }, asKey);
    expect((await stranger.read<ModelView>('/api/models/house')).id).toBe('house');
    for (const [method, path, body] of [
      ['POST', '/api/models', { id: newName(), alias: 'house' }],
      ['PATCH', '/api/models/house', { context: 1 }],
      ['DELETE', '/api/models/house', undefined],
      ['POST', '/api/providers', { id: 'theirs', origin: 'https://x.test' }],
      ['PATCH', '/api/providers/up', { origin: 'https://x.test' }],
      ['DELETE', '/api/providers/up', undefined],
    ] as const) {
      const reply = await stranger.call(method, path, body);
      expect([method, path, reply.status]).toEqual([method, path, 403]);
      expect(await reply.json()).toMatchObject({ code: 'forbidden' });
    }
  });
});

describe('the list of models', () => {
  const list = (query: string) =>
    ask<{ data: ModelView[]; next_cursor: string | null }>(200, 'GET', `/api/models?${query}`);

  it('is by name, page by page, and filtered', async () => {
    await ask(201, 'POST', '/api/models', { id: 'zz-free', routes: [{ provider: 'up', free: true }] });
    await ask(201, 'POST', '/api/models', { id: 'zz-unpriced', routes: [{ provider: 'up' }] });
    await ask(201, 'POST', '/api/models', { id: 'zz-alias', alias: 'zz-free' });
    const ids = async (query: string) => (await list(query)).data.map(({ id }) => id);
    expect(await ids('q=ZZ-')).toEqual(['zz-alias', 'zz-free', 'zz-unpriced']);
    expect(await ids('q=zz-&unpriced=true')).toEqual(['zz-unpriced']);
    expect(await ids('q=zz-&free=true')).toEqual(['zz-alias', 'zz-free']);
    expect(await ids('provider=echo')).toEqual(['echo']);
    const seen: string[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const page: Awaited<ReturnType<typeof list>> = await list(`limit=2${cursor ? `&cursor=${cursor}` : ''}`);
      seen.push(...page.data.map(({ id }) => id));
      cursor = page.next_cursor;
    }
    expect(seen).toEqual([...seen].sort());
    expect(seen).toEqual(expect.arrayContaining(['house', 'echo', 'zz-unpriced']));
    await ask(400, 'GET', '/api/models?free=maybe');
    await ask(400, 'GET', '/api/models?cursor=nonsense');
  });
});

describe('the file', () => {
  const write = async (text: string) => {
    await writeFile(`${file}.new`, text);
    await rename(`${file}.new`, file);
  };

  it('is still read again, and what was said here goes before it', async () => {
    const id = newName();
    await ask(200, 'PATCH', '/api/models/house', { routes: routeTo('6', '6') });
    await ask(201, 'POST', '/api/models', { id, alias: 'house' });
    await within2s('house', '12.00');
    await write(said('  new-in-file: [{ provider: up, price: { input: 4, output: 4 } }]\n'));
    await within2s('new-in-file', '8.00');
    expect(await call('house')).toBe('12.00');
    expect(await call(id)).toBe('12.00');
  });

  it('is not taken where what was said here would be left hanging, until it is changed here', async () => {
    const id = newName();
    await ask(201, 'POST', '/api/models', { id, alias: 'new-in-file' });
    await write(said('  other-in-file: [{ provider: up, price: { input: 1, output: 4 } }]\n'));
    process.emit('SIGHUP');
    expect(await call('new-in-file')).toBe('8.00');
    await ask(200, 'PATCH', `/api/models/${id}`, { alias: 'other-in-file' });
    await within2s('other-in-file', '5.00');
    await within2s('new-in-file', '404');
  });
});
