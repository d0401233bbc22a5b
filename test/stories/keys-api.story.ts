import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type AProject, aProject } from '../conformance/a-project.js';
import { chat, eventually, type Stack, startStack } from '../stack.js';

const DAY = 86_400_000;
type View = Record<string, unknown>;

let stack: Stack;
let project: AProject;
beforeAll(async () => {
  stack = await startStack();
  project = await aProject(stack, 'keyward', 'enterprise');
});
afterAll(() => stack?.stop());

const patch = (id: string, body: unknown, headers?: Record<string, string>) =>
  stack.admin.call('PATCH', `/api/api-keys/${id}`, body, headers);
const get = (id: string, headers?: Record<string, string>) =>
  stack.admin.call('GET', `/api/api-keys/${id}`, undefined, headers);
const post = (path: string, body: unknown, headers?: Record<string, string>) =>
  stack.admin.call('POST', `/api/api-keys${path}`, body, headers);
const json = async (reply: Response) => (await reply.json()) as View;

describe('a secret in a reply', () => {
  it('is in nobody’s cache: creation and rotation say no-store', async () => {
    const created = await project.create();
    expect(created.headers.get('cache-control')).toBe('no-store');
    const { id } = await json(created);
    expect((await post(`/${id}/rotate`, {})).headers.get('cache-control')).toBe('no-store');
  });
});

describe('a rotation', () => {
  it('gives the old secret a day unless told otherwise, and none at all with a grace of 0', async () => {
    const { id, key } = await project.createKey();
    const { previous } = await json(await post(`/${id}/rotate`, {}));
    const until = Date.parse((previous as { valid_until: string }).valid_until);
    expect(Math.abs(until - Date.now() - DAY)).toBeLessThan(10_000);
    const now = await json(await post(`/${id}/rotate`, { grace: { value: 0, unit: 'minutes' } }));
    expect(now.previous).toBeNull();
    await eventually(
      () => chat(stack.url, key),
      ({ status }) => status === 401,
    );
    expect((await chat(stack.url, String(now.key))).status).toBe(200);
  });

  it('within the grace of another ends that one: never more than two secrets', async () => {
    const first = await project.createKey();
    const second = await json(await post(`/${first.id}/rotate`, {}));
    const third = await json(await post(`/${first.id}/rotate`, {}));
    expect(third.previous).toMatchObject({ preview: second.preview });
    expect((await get(first.id)).status).toBe(200);
    await eventually(
      () => chat(stack.url, first.key),
      ({ status }) => status === 401,
    );
    for (const secret of [second.key, third.key]) expect((await chat(stack.url, String(secret))).status).toBe(200);
  });

  it('never lets the old secret outlive the key', async () => {
    const { id, expires_at } = await project.createKey({ ttl: { value: 1, unit: 'hours' } });
    const { previous } = await json(await post(`/${id}/rotate`, { grace: { value: 7, unit: 'days' } }));
    expect(previous).toMatchObject({ valid_until: expires_at });
  });

  it('says when the old secret was last used', async () => {
    const { id, key } = await project.createKey();
    await json(await post(`/${id}/rotate`, {}));
    await eventually(
      () => chat(stack.url, key),
      ({ status }) => status === 200,
    );
    await eventually(
      async () => (await json(await get(id))).previous as { last_used_at: string | null },
      (previous) => previous.last_used_at !== null,
    );
  });
});

describe('two who change one key at once', () => {
  it('If-Match lets the first one through, and the second one know', async () => {
    const created = await project.create();
    const { id } = await json(created);
    const etag = created.headers.get('etag') ?? '';
    const first = await patch(String(id), { budget: '1' }, { 'if-match': etag });
    expect(first.status).toBe(200);
    const second = await patch(String(id), { budget: '2' }, { 'if-match': etag });
    expect(second.status).toBe(412);
    expect(await second.json()).toMatchObject({ code: 'precondition_failed' });
    for (const action of ['enable', 'disable', 'rotate', 'rotate/finish', 'reset-usage'])
      expect((await post(`/${id}/${action}`, {}, { 'if-match': etag })).status).toBe(412);
    expect((await stack.admin.call('DELETE', `/api/api-keys/${id}`, undefined, { 'if-match': etag })).status).toBe(412);
    const fresh = first.headers.get('etag') ?? '';
    expect((await patch(String(id), { budget: '2' }, { 'if-match': fresh })).status).toBe(200);
    expect((await patch(String(id), { budget: '3' }, { 'if-match': '*' })).status).toBe(200);
  });

  it('of ten changes to one revision exactly one wins', async () => {
    const created = await project.create();
    const { id } = await json(created);
    const headers = { 'if-match': created.headers.get('etag') ?? '' };
    const replies = await Promise.all(
      Array.from({ length: 10 }, (_, i) => patch(String(id), { budget: String(i + 1) }, headers)),
    );
    expect(replies.map((reply) => reply.status).sort()).toEqual([200, ...Array(9).fill(412)]);
  });

  it('of ten who take one name exactly one has it', async () => {
    const keys = await Promise.all(Array.from({ length: 10 }, () => project.createKey()));
    const replies = await Promise.all(keys.map(({ id }) => patch(id, { name: 'the one and only' })));
    expect(replies.map((reply) => reply.status).sort()).toEqual([200, ...Array(9).fill(409)]);
  });

  it('an If-Match that is no ETag of ours is refused', async () => {
    const { id } = await project.createKey();
    const reply = await patch(id, { budget: '1' }, { 'if-match': 'nonsense' });
    expect(await json(reply)).toMatchObject({ status: 400, param: 'If-Match' });
  });

  it('If-None-Match spares the body while nothing changed, the spend included', async () => {
    const { id, key } = await project.createKey();
    const etag = (await get(id)).headers.get('etag') ?? '';
    const same = await get(id, { 'if-none-match': etag });
    expect(same.status).toBe(304);
    expect(await same.text()).toBe('');
    await chat(stack.url, key);
    // That it was used is told first, and then what it came to.
    const other = await eventually(
      async () => {
        const reply = await get(id, { 'if-none-match': etag });
        return reply.status === 200 ? await json(reply) : {};
      },
      ({ requests }) => requests === 1,
    );
    // No revision later: a change may still name the first tag.
    expect(other).toMatchObject({ requests: 1, revision: 1 });
    expect((await patch(id, { budget: '1' }, { 'if-match': etag })).status).toBe(200);
  });
});

describe('a merge patch', () => {
  it('sets what it names, takes away what it nulls, leaves the rest', async () => {
    const { id } = await project.createKey({ budget: '5', rate_limit: 10, tags: { a: '1', b: '2' } });
    const reply = await fetch(`${stack.url}/api/api-keys/${id}`, {
      method: 'PATCH',
      headers: { cookie: stack.admin.cookie, 'content-type': 'application/merge-patch+json' },
      body: JSON.stringify({ budget: null, tags: { a: null, c: '3' }, expires_at: '2999-01-01' }),
    });
    expect(await json(reply)).toMatchObject({ budget: null, rate_limit: 10, tags: { b: '2', c: '3' } });
  });

  it('that changes nothing is no change: same revision, nothing in the audit log', async () => {
    const { id } = await project.createKey({ name: 'unchanged', budget: '5' });
    expect(await json(await patch(id, { name: 'unchanged', budget: '5.00', scopes: ['read'] }))).toMatchObject({
      revision: 1,
    });
    const { data } = await json(await stack.admin.call('GET', `/api/audit-events?subject=${id}`));
    expect(data).toHaveLength(1);
  });
});

describe('an Idempotency-Key', () => {
  it('P9: gives the same key again, without its secret', async () => {
    const headers = { 'idempotency-key': 'once-1' };
    const body = { name: 'once', project_id: project.id, ttl: { value: 1, unit: 'days' } };
    const first = await json(await post('', body, headers));
    const again = await post('', body, headers);
    expect(again.status).toBe(201);
    const { key, ...rest } = first;
    expect(key).toMatch(/^kw_/);
    expect(await json(again)).toEqual(rest);
  });

  it('with another body is refused', async () => {
    const headers = { 'idempotency-key': 'once-2' };
    await post('', { name: 'twice', project_id: project.id }, headers);
    const reply = await post('', { name: 'twice!', project_id: project.id }, headers);
    expect(reply.status).toBe(422);
    expect(await json(reply)).toMatchObject({ code: 'idempotency_mismatch' });
  });

  it('of twins that come together makes one key, and one secret', async () => {
    const headers = { 'idempotency-key': 'twins' };
    const body = { name: 'twins', project_id: project.id };
    const replies = await Promise.all(Array.from({ length: 8 }, () => post('', body, headers)));
    const keys = await Promise.all(replies.map(json));
    expect(replies.map((reply) => reply.status)).toEqual(Array(8).fill(201));
    expect(new Set(keys.map((key) => key.id)).size).toBe(1);
    expect(keys.filter((key) => key.key !== undefined)).toHaveLength(1);
    expect(await project.list('&q=twins')).toHaveLength(1);
  });

  it('makes retrying a rotation safe: one rotation, one secret', async () => {
    const { id } = await project.createKey();
    const headers = { 'idempotency-key': 'rotate-once' };
    const first = await json(await post(`/${id}/rotate`, {}, headers));
    const again = await json(await post(`/${id}/rotate`, {}, headers));
    expect(again).toMatchObject({ secret_id: first.secret_id, preview: first.preview });
    expect(again.key).toBeUndefined();
  });

  it('of a request that failed is free again', async () => {
    const headers = { 'idempotency-key': 'failed-first' };
    const { id } = await project.createKey({ name: 'in the way' });
    const body = { name: 'in the way', project_id: project.id };
    expect((await post('', body, headers)).status).toBe(409);
    await stack.admin.call('DELETE', `/api/api-keys/${id}`);
    expect((await post('', body, headers)).status).toBe(201);
  });

  it('that is no sane token is refused', async () => {
    const reply = await post('', { name: 'x' }, { 'idempotency-key': 'x'.repeat(256) });
    expect(await json(reply)).toMatchObject({ status: 400, param: 'Idempotency-Key' });
  });
});

describe('a batch', () => {
  it('does the same to each, and says of each what came of it', async () => {
    const keys = [await project.createKey(), await project.createKey()];
    const ids = [keys[0]?.id, 'key_01JD3Q0YV6Z0C7M1W8K2R5T9XA', keys[1]?.id];
    const reply = await json(await post('/batch', { action: 'disable', ids }));
    expect(reply).toMatchObject({
      data: [
        { id: ids[0], ok: true, error: null },
        { id: ids[1], ok: false, error: { code: 'not_found', status: 404 } },
        { id: ids[2], ok: true, error: null },
      ],
      receipt: { gateways: 1, acknowledged: 1 },
    });
    for (const { key } of keys) expect((await chat(stack.url, key)).status).toBe(401);
  });

  it('enables, tags, expires and deletes', async () => {
    const { id } = await project.createKey({ tags: { a: '1' } });
    const run = async (body: object) => {
      const { data } = await json(await post('/batch', { ids: [id], ...body }));
      return (data as View[])[0];
    };
    expect(await run({ action: 'tag', tags: { a: null, b: '2' } })).toMatchObject({ ok: true });
    expect(await json(await get(id))).toMatchObject({ tags: { b: '2' } });
    expect(await run({ action: 'expire' })).toMatchObject({ ok: true });
    expect(await json(await get(id))).toMatchObject({ status: 'expired' });
    expect(await run({ action: 'enable' })).toMatchObject({ ok: false, error: { code: 'new_expiry_needed' } });
    expect(await run({ action: 'enable', ttl: { value: 1, unit: 'hours' } })).toMatchObject({ ok: true });
    expect(await json(await get(id))).toMatchObject({ status: 'active' });
    expect(await run({ action: 'delete' })).toMatchObject({ ok: true });
    expect((await get(id)).status).toBe(404);
  });

  it('sent twice under one Idempotency-Key is done once, and another one under it is refused', async () => {
    const { id } = await project.createKey({ ttl: { value: 1, unit: 'hours' } });
    const headers = { 'idempotency-key': 'batch-1' };
    const body = { action: 'delete', ids: [id] };
    expect((await json(await post('/batch', body, headers))).data).toMatchObject([{ ok: true }]);
    expect((await json(await post('/batch', body, headers))).data).toMatchObject([{ ok: true }]);
    expect((await post('/batch', { ...body, action: 'disable' }, headers)).status).toBe(422);
  });
});

describe('while the usage service is away', () => {
  it('keys are still made and seen; what they spent is not told, rather than told wrong', async () => {
    const { id } = await project.createKey();
    await stack.apps.usage.stop();
    expect((await project.create()).status).toBe(201);
    expect(await json(await get(id))).toMatchObject({ id, usage: null, requests: null, limit_state: null });
    const reply = await stack.admin.call('GET', '/api/api-keys?limit_state=reached');
    expect(reply.status).toBe(503);
  });
});
