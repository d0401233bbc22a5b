import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { testBus } from '../bus.js';
import { eventually, type Stack, startStack } from '../stack.js';

/** A client of no library of ours: `nats req keyward.keys.verify '{"key":"kw_…"}'`. */
let stack: Stack;
let bus: NatsConnection;
beforeAll(async () => {
  stack = await startStack();
  const { servers, user, pass } = testBus();
  bus = await connect({ servers, user, pass });
});
afterAll(async () => {
  await bus?.close();
  await stack?.stop();
});

interface Verdict {
  valid: boolean;
  code: string;
  key_id: string | null;
}

async function ask(body: string): Promise<{ data?: Verdict; error?: { code: string; details: { param?: string } } }> {
  return (await bus.request('keyward.keys.verify', body, { timeout: 2000 })).json();
}

async function verify(key: string, more: object = {}): Promise<Verdict | undefined> {
  return (await ask(JSON.stringify({ key, ...more }))).data;
}

const becomes = (key: string, code: string) =>
  eventually(
    () => verify(key),
    (verdict) => verdict?.code === code,
    2000,
  );

async function lookups(): Promise<number> {
  const metrics = await (await fetch(`${stack.apps.keys.opsUrl}/metrics`)).text();
  return [...metrics.matchAll(/^keyward_key_lookups_total\{.*\} (\d+)$/gm)].reduce((sum, [, n]) => sum + Number(n), 0);
}

describe('verify', () => {
  it('says of a good key whose it is and what it may do', async () => {
    const expires_at = '2099-01-01T00:00:00.000Z';
    const made = await stack.admin.createKey({
      name: 'guarded',
      scopes: ['read', 'write'],
      tags: { team: 'a' },
      expires_at,
    });
    expect(await verify(made.key)).toEqual({
      valid: true,
      code: 'valid',
      key_id: made.id,
      name: 'guarded',
      organization_id: expect.stringMatching(/^org_/),
      project_id: expect.stringMatching(/^prj_/),
      scopes: ['read', 'write'],
      tags: { team: 'a' },
      expires_at,
      rule: null,
      ratelimit: null,
      budget: null,
    });
  });

  it('asks for every scope it is told of; admin has them all', async () => {
    const { key } = await stack.admin.createKey({ scopes: ['read', 'write'] });
    const { key: admin } = await stack.admin.createKey({ scopes: ['admin'] });
    expect(await verify(key, { scopes: ['write', 'read'] })).toMatchObject({ valid: true });
    expect(await verify(key, { scopes: ['read', 'webhook'] })).toMatchObject({
      valid: false,
      code: 'permission_denied',
    });
    expect(await verify(admin, { scopes: ['read', 'webhook'] })).toMatchObject({ valid: true });
  });

  it('says no in a bound of two seconds, with the reason, and nothing of a key that is none', async () => {
    const { id, key } = await stack.admin.createKey();
    expect((await verify(key))?.valid).toBe(true);
    await stack.admin.call('POST', `/api/api-keys/${id}/disable`, {});
    expect(await becomes(key, 'key_disabled')).toMatchObject({ valid: false, key_id: id });
    await stack.admin.call('POST', `/api/api-keys/${id}/enable`, {});
    await becomes(key, 'valid');
    await stack.admin.call('DELETE', `/api/api-keys/${id}`);
    expect(await becomes(key, 'invalid_api_key')).toEqual(await verify('kw_nope'));
    expect(await verify(key)).toMatchObject({ key_id: null, organization_id: null });
  });

  it('knows of an expiry without being told', async () => {
    const { key } = await stack.admin.createKey({ expires_at: new Date(Date.now() + 600).toISOString() });
    expect((await verify(key))?.valid).toBe(true);
    await becomes(key, 'key_expired');
  });

  it('looks up a key once, and what was never minted never', async () => {
    const { key } = await stack.admin.createKey();
    const before = await lookups();
    await Promise.all(Array.from({ length: 50 }, () => verify(key)));
    expect(await lookups()).toBe(before + 1);
    const guesses = [
      'x',
      'kw_',
      `${key.slice(0, -1)}${key.endsWith('a') ? 'b' : 'a'}`,
      key.toUpperCase(),
      `${key} `,
      "'--",
    ];
    for (const guess of guesses) expect((await verify(guess))?.code).toBe('invalid_api_key');
    expect(await lookups()).toBe(before + 1);
  });

  it.each([
    ['an empty key', '{"key":""}', 'key'],
    ['a key that is no text', '{"key":7}', 'key'],
    ['no key', '{}', 'key'],
    ['a key without end', `{"key":"${'x'.repeat(513)}"}`, 'key'],
    ['a scope that is none', '{"key":"kw_x","scopes":["everything"]}', 'scopes.0'],
    ['a model without a name', '{"key":"kw_x","model":""}', 'model'],
    ['a field that is none', '{"key":"kw_x","scope":"read"}', 'scope'],
    ['no JSON', 'nonsense', undefined],
    ['no object', '[]', undefined],
  ])('answers %s with what is wrong', async (_, body, param) => {
    const { error } = await ask(body);
    expect(error?.code).toBe('invalid_request');
    expect(error?.details.param).toBe(param);
    expect(JSON.stringify(error)).not.toContain('kw_x');
  });
});
