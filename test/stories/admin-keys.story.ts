import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { KeysRpc } from '#contracts/keys';
import { UsageRpc } from '#contracts/usage';
import { ROLES, type Role, SCOPES, type Scope, scopesOf } from '#domain/access/scope';
import { BusClient } from '#rpc/client';
import { connectBus } from '#rpc/connect';
import { type Person, person, signedIn, visitor } from '../people.js';
import { type Route, Routes } from '../routes.js';
import { chat, eventually, type Stack, startStack } from '../stack.js';

let stack: Stack;
let routes: Routes;
beforeAll(async () => {
  stack = await startStack();
  routes = new Routes(await (await fetch(`${stack.url}/docs/openapi.json`)).json());
});
afterAll(() => stack?.stop());

const PUBLIC = [
  'POST /api/session',
  'GET /api/session/methods',
  'GET /api/session/oidc',
  'GET /api/session/oidc/callback',
  'POST /api/invitations/accept',
  'POST /api/secret-scanning/alerts',
  'GET /api/secret-scanning/patterns',
];

/** What http.md promises, said once more: the scope a route needs of a key, and of a person by their role. */
function neededBy({ method, path }: Route): { key: Scope | null; person: Scope } | null {
  if (PUBLIC.includes(`${method} ${path}`)) return null;
  const usual = method === 'GET' ? 'read' : 'write';
  if (/^\/api\/sessions?(\/|$)/.test(path)) return { key: null, person: 'read' };
  if (/^\/api\/policy\/(explain|impact)$/.test(path)) return { key: 'read', person: 'read' };
  if (/^\/api\/(credits|check-books)$/.test(path)) return { key: 'admin', person: 'admin' };
  if (/\/iam-rules(\/|$)/.test(path) && method !== 'GET') return { key: 'admin', person: 'admin' };
  if (/\/iam-rules$/.test(path)) return { key: 'read', person: 'read' };
  if (/^\/api\/members(\/|$)/.test(path)) return { key: 'admin', person: 'read' };
  if (/^\/api\/(invitations|audit-events)(\/|$)/.test(path)) return { key: 'admin', person: 'admin' };
  if (/^\/api\/(organization|projects|models|providers|provider-keys)(\/|$)/.test(path) && method !== 'GET')
    return { key: 'admin', person: 'admin' };
  if (/^\/api\/webhooks(\/|$)/.test(path)) return { key: 'webhook', person: 'webhook' };
  return { key: usual, person: usual };
}

/** To nothing there is: who may do it gets as far as being told so. Signing out comes last. */
function walk(): { route: Route; url: string; body?: unknown }[] {
  const requests = routes.all.map((route) => ({
    route,
    ...routes.request(route, '', (_, kind) => `${kind}_01JD3Q0YV6Z0C7M1W8K2R5T9XA`),
  }));
  const last = ({ method, path }: Route) => Number(method === 'DELETE' && path === '/api/session');
  return requests.sort((a, b) => last(a.route) - last(b.route));
}

interface Problem {
  readonly code?: string;
  readonly detail?: string;
}

const problemOf = async (reply: Response) => (await reply.json().catch(() => ({}))) as Problem;
const codeOf = async (reply: Response) => (await problemOf(reply)).code;
const bearer = (key: string) => ({ authorization: `Bearer ${key}` });

async function memberOf(role: Role): Promise<Person> {
  const email = `${role}@keyward.test`;
  const password = 'correct-horse-battery';
  if (role === 'owner') return person(stack.url, { email, password });
  const invited = await stack.admin.call('POST', '/api/invitations', { email, role });
  const { token } = (await invited.json()) as { token: string };
  const accepted = { token, name: role, password };
  return signedIn(stack.url, await visitor(stack.url).call('POST', '/api/invitations/accept', accepted));
}

describe('every route of the admin API', () => {
  it('needs somebody, unless it is public', async () => {
    expect(routes.all.length).toBeGreaterThan(25);
    for (const { route, url, body } of walk()) {
      const reply = await visitor(stack.url).call(route.method, url, body);
      const stranger = reply.status === 401 && (await problemOf(reply)).detail === 'Sign in first.';
      expect([route.method, route.path, stranger]).toEqual([route.method, route.path, neededBy(route) !== null]);
    }
  });

  it.each(SCOPES)('lets a key with the scope %s do what the scope says, and refuses everything else', async (scope) => {
    const { key } = await stack.admin.createKey({ scopes: [scope] });
    for (const { route, url, body } of walk()) {
      const needed = neededBy(route);
      if (!needed) continue;
      const reply = await visitor(stack.url).call(route.method, url, body, bearer(key));
      const may = needed.key !== null && (needed.key === scope || scope === 'admin');
      const { code, detail = '' } = await problemOf(reply);
      // Further in, a key may still be refused for what it wants to give to others.
      const refused = code === 'permission_denied' && /does not have the scope|for people who/.test(detail);
      expect([route.method, route.path, !refused]).toEqual([route.method, route.path, may]);
      expect(reply.status).toBeLessThan(500);
    }
  });

  it.each(ROLES)('lets the role %s do what it holds, and refuses everything else', async (role) => {
    const { call } = await memberOf(role);
    for (const { route, url, body } of walk()) {
      const needed = neededBy(route);
      if (!needed) continue;
      const reply = await call(route.method, url, body);
      const may = scopesOf(role).includes(needed.person);
      const { code } = await problemOf(reply);
      if (!may) expect([route.path, reply.status, code]).toEqual([route.path, 403, 'forbidden']);
      else expect([route.method, route.path, code]).not.toEqual([route.method, route.path, 'unauthenticated']);
      expect(reply.status).toBeLessThan(500);
    }
  });
});

describe('a key at the admin API', () => {
  it('comes in either header, and is refused like anywhere else where it is none', async () => {
    const { id, key } = await stack.admin.createKey({ scopes: ['read'] });
    const list = (headers: Record<string, string>) =>
      visitor(stack.url).call('GET', '/api/api-keys', undefined, headers);
    expect((await list(bearer(key))).status).toBe(200);
    expect((await list({ 'x-api-key': key })).status).toBe(200);
    expect(await codeOf(await list({ ...bearer(key), 'x-api-key': 'kw_other' }))).toBe('invalid_request');
    for (const wrong of ['kw_nope', `${key.slice(0, -1)}${key.endsWith('a') ? 'b' : 'a'}`]) {
      const reply = await list(bearer(wrong));
      expect([reply.status, await codeOf(reply)]).toEqual([401, 'invalid_api_key']);
    }
    await stack.admin.call('POST', `/api/api-keys/${id}/disable`, {});
    expect(await codeOf(await list(bearer(key)))).toBe('key_disabled');
    await stack.admin.call('DELETE', `/api/api-keys/${id}`);
    expect(await codeOf(await list(bearer(key)))).toBe('invalid_api_key');
  });

  it('P11: makes keys, grants no more than it has, and stands in the audit log', async () => {
    const { id, key } = await stack.admin.createKey({ scopes: ['read', 'write'] });
    const make = (name: string, scopes: Scope[]) =>
      visitor(stack.url).call('POST', '/api/api-keys', { name, scopes }, bearer(key));
    const made = await make('made by a key', ['read']);
    expect(made.status).toBe(201);
    expect(((await made.json()) as { created_by: string }).created_by).toBe(`key:${id}`);
    expect((await make('too much', ['read', 'admin'])).status).toBe(403);
    const log = (await (await stack.admin.call('GET', `/api/audit-events?actor=key:${id}`)).json()) as {
      data: object[];
    };
    expect(log.data).toHaveLength(1);
  });

  it('needs no page of ours around it; a cookie does', async () => {
    const { key } = await stack.admin.createKey({ scopes: ['write'] });
    const elsewhere = { 'sec-fetch-site': 'cross-site', origin: 'https://elsewhere.test' };
    const post = (headers: Record<string, string>) =>
      visitor(stack.url).call('POST', '/api/api-keys', { name: 'from elsewhere', scopes: ['write'] }, headers);
    expect(await codeOf(await post({ cookie: stack.admin.cookie, ...elsewhere }))).toBe('cross_origin');
    expect((await post({ ...bearer(key), ...elsewhere })).status).toBe(201);
  });
});

describe('at the edge', () => {
  // The walk has left rules that would refuse for reasons of their own.
  beforeAll(async () => {
    expect((await stack.admin.call('PUT', '/api/organization/iam-rules', { rules: [] })).status).toBe(200);
  });

  it.each(SCOPES)('a key with the scope %s calls models only where that is in it', async (scope) => {
    const { key } = await stack.admin.createKey({ scopes: [scope] });
    const reply = await chat(stack.url, key);
    const may = scope === 'read' || scope === 'admin';
    expect([reply.status, reply.headers.get('x-keyward-error-code')]).toEqual(
      may ? [200, null] : [403, 'permission_denied'],
    );
  });
});

describe('the moment a secret was last used', () => {
  it('is kept for each secret, whatever it was used for, in one message for many uses', async () => {
    const bus = await connectBus({ url: stack.servers.nats, name: 'test' });
    const client = new BusClient({ connection: bus, service: 'test' });
    let told = 0;
    bus.subscribe('keyward.usage_events.uses', { callback: () => void told++ });
    try {
      const called = await stack.admin.createKey({ scopes: ['read'] });
      const administering = await stack.admin.createKey({ scopes: ['read'] });
      const verified = await stack.admin.createKey({ scopes: ['read'] });
      const idle = await stack.admin.createKey({ scopes: ['read'] });
      const keys = [called, administering, verified, idle];
      const since = Date.now();
      await chat(stack.url, called.key);
      for (let i = 0; i < 50; i++) {
        await visitor(stack.url).call('GET', '/api/api-keys', undefined, bearer(administering.key));
        await client.call(KeysRpc.verifyKey, { key: verified.key });
      }
      const { organization_id } = (
        await person(stack.url, { email: 'owner@keyward.test', password: 'correct-horse-battery' })
      ).member;
      const asked = { organization_id, keys: keys.map(({ id }) => ({ key_id: id })) };
      const { keys: usage } = await eventually(
        () => client.call(UsageRpc.getUsage, asked),
        ({ keys: usage }) => usage.filter(({ last_used_at }) => last_used_at !== null).length === 3,
      );
      for (const { key_id, last_used_at, secrets } of usage) {
        if (key_id === idle.id) {
          expect({ last_used_at, secrets }).toEqual({ last_used_at: null, secrets: [] });
          continue;
        }
        expect(secrets).toEqual([{ secret_id: expect.stringMatching(/^sec_/), last_used_at }]);
        expect(Date.parse(last_used_at as string)).toBeGreaterThanOrEqual(since);
      }
      expect(told).toBeLessThan(15);
    } finally {
      await bus.close();
    }
  });
});
