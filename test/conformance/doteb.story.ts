import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { chat, eventually, type Stack, startStack } from '../stack.js';
import { backToNow, forward } from '../time-travel.js';
import { type AProject, aProject } from './a-project.js';

const MINUTE = 60_000;

let stack: Stack;
let project: AProject;
beforeAll(async () => {
  stack = await startStack();
  project = await aProject(stack, 'doteb', 'enterprise');
});
afterAll(() => stack?.stop());
afterEach(backToNow);

const status = async (secret: string, wanted: number) =>
  eventually(
    async () => (await chat(stack.url, secret)).status,
    (status) => status === wanted,
  );

describe('doteb', () => {
  it('B1 keys belong to a project; the full key is shown once, the list has a masked preview', async () => {
    const { id, key, preview } = await project.createKey();
    expect(key).toMatch(/^dtb_[0-9A-Za-z]{40}$/);
    expect(preview).toBe(`${key.slice(0, 8)}…${key.slice(-4)}`);
    const list = await project.list();
    expect(list.find((row) => row.id === id)).toMatchObject({ preview, project_id: project.id });
    expect(JSON.stringify(list)).not.toContain(key);
    const other = await aProject(stack, 'doteb', 'enterprise');
    expect(await other.list()).toEqual([]);
  });

  it('B2 a name is needed; expiry, all-time and recurring limit are not', async () => {
    expect(await (await project.create({ name: undefined })).json()).toMatchObject({ status: 400, param: 'name' });
    expect(await project.createKey()).toMatchObject({ expires_at: null, budget: null, recurring_limit: null });
    const all = { ttl: { value: 1, unit: 'days' }, budget: 50, recurring_limit: { amount: 10, every: 1, unit: 'day' } };
    expect(await project.createKey(all)).toMatchObject({
      budget: '50.00',
      recurring_limit: { amount: '10.00', every: 1, unit: 'day' },
      expires_at: expect.any(String),
    });
  });

  it.each([
    [1, 'hour'],
    [1, 'day'],
    [2, 'week'],
    [1, 'month'],
    [12, 'month'],
  ])('B3 a window of %d %s is one', async (every, unit) => {
    const { id } = await project.createKey({ recurring_limit: { amount: '10', every, unit } });
    expect(await project.key(id)).toMatchObject({ recurring_limit: { amount: '10.00', every, unit } });
  });

  it.each([
    [0, 'hour', 'recurring_limit.every'],
    [13, 'month', 'recurring_limit'],
    [53, 'week', 'recurring_limit'],
    [1, 'minute', 'recurring_limit.unit'],
    [1.5, 'day', 'recurring_limit.every'],
  ])('B3 a window of %d %s is none: 1 hour to 12 months', async (every, unit, param) => {
    const reply = await project.create({ recurring_limit: { amount: '10', every, unit } });
    expect(await reply.json()).toMatchObject({ status: 400, code: 'invalid_request', param });
  });

  it.each([
    [30, 'minutes', 30 * MINUTE],
    [5, 'hours', 300 * MINUTE],
    [7, 'days', 7 * 24 * 60 * MINUTE],
  ])('B4 a TTL of %d %s ends the key by itself', async (value, unit, milliseconds) => {
    const before = Date.now();
    const { expires_at } = await project.createKey({ ttl: { value, unit } });
    const life = Date.parse(String(expires_at)) - before;
    expect(life).toBeGreaterThanOrEqual(milliseconds);
    expect(life).toBeLessThan(milliseconds + 10_000);
  });

  it('B4 off means never, and a key is disabled by itself when its TTL passes', async () => {
    expect(await project.createKey({ ttl: null })).toMatchObject({ expires_at: null, status: 'active' });
    const { key } = await project.createKey({ ttl: { value: 10, unit: 'minutes' } });
    await status(key, 200);
    forward(10 * MINUTE);
    await status(key, 401);
  });

  it('B5 B6 an expired key is inactive, says so, and needs a fresh future TTL to be enabled', async () => {
    const { id, key } = await project.createKey({ ttl: { value: 10, unit: 'minutes' } });
    forward(11 * MINUTE);
    expect(await project.key(id)).toMatchObject({ status: 'expired' });
    expect((await project.list('&status=inactive')).map((row) => row.id)).toContain(id);
    expect((await project.list('&status=expired')).map((row) => row.id)).toContain(id);
    expect((await project.list('&status=active')).map((row) => row.id)).not.toContain(id);

    const bare = await project.post(`/${id}/enable`);
    expect(bare.status).toBe(409);
    expect(await bare.json()).toMatchObject({ code: 'new_expiry_needed', param: 'expires_at' });
    const past = await project.post(`/${id}/enable`, { expires_at: new Date(Date.now() - MINUTE).toISOString() });
    expect(await past.json()).toMatchObject({ status: 400, param: 'expires_at' });
    const fresh = await project.post(`/${id}/enable`, { ttl: { value: 1, unit: 'hours' } });
    expect(await fresh.json()).toMatchObject({ status: 'active' });
    await status(key, 200);
  });

  it('B6 a disabled key that expired meanwhile needs a new TTL, too', async () => {
    const { id } = await project.createKey({ ttl: { value: 10, unit: 'minutes' } });
    await project.post(`/${id}/disable`);
    forward(11 * MINUTE);
    expect((await project.post(`/${id}/enable`)).status).toBe(409);
  });

  it('B7 a key without a TTL, or with a future one, is toggled as it is', async () => {
    for (const fields of [{}, { ttl: { value: 1, unit: 'days' } }]) {
      const { id, key, expires_at } = await project.createKey(fields);
      await project.post(`/${id}/disable`);
      await status(key, 401);
      expect(await (await project.post(`/${id}/enable`)).json()).toMatchObject({ status: 'active', expires_at });
      await status(key, 200);
    }
  });

  it('B9 the current period is counted apart, says when it resets, and an expired one reads 0 by itself', async () => {
    const { id, key, recurring_since } = await project.createKey({
      recurring_limit: { amount: '10', every: 1, unit: 'hour' },
    });
    await chat(stack.url, key);
    const used = await eventually(
      () => project.key(id),
      (view) => view.requests === 1,
    );
    const start = Date.parse(String(recurring_since));
    expect(used.period).toEqual({
      usage: used.usage,
      reserved: '0.00',
      started_at: new Date(start).toISOString(),
      resets_at: new Date(start + 60 * MINUTE).toISOString(),
    });
    forward(60 * MINUTE);
    expect(await project.key(id)).toMatchObject({
      usage: used.usage,
      period: { usage: '0.00', started_at: new Date(start + 60 * MINUTE).toISOString() },
    });
    await status(key, 200);
    await eventually(
      () => project.key(id),
      (view) => (view.period as { usage: string }).usage === used.usage,
    );
  });

  it('B9 updating the recurring configuration begins a new window; lifetime usage is untouched', async () => {
    const recurring_limit = { amount: '10', every: 1, unit: 'day' };
    const { id, key } = await project.createKey({ recurring_limit });
    await chat(stack.url, key);
    const used = await eventually(
      () => project.key(id),
      (view) => view.requests === 1,
    );
    expect(used.period).toMatchObject({ usage: used.usage });
    for (const changed of [{ ...recurring_limit, amount: '20' }, recurring_limit, { ...recurring_limit, every: 2 }]) {
      const before = Date.now();
      const reply = await stack.admin.call('PATCH', `/api/api-keys/${id}`, { recurring_limit: changed });
      const view = (await reply.json()) as { period: { started_at: string } };
      expect(view).toMatchObject({ usage: used.usage, period: { usage: '0.00' } });
      expect(Date.parse(view.period.started_at)).toBeGreaterThanOrEqual(before);
    }
    // Changing anything else leaves the window alone.
    const since = (await project.key(id)).recurring_since;
    await stack.admin.call('PATCH', `/api/api-keys/${id}`, { budget: '5' });
    expect(await project.key(id)).toMatchObject({ recurring_since: since, budget: '5.00' });
  });

  it('B11 a row of the list has everything its columns show', async () => {
    const { id } = await project.createKey({ budget: 5, recurring_limit: { amount: 1, every: 1, unit: 'week' } });
    const row = (await project.list()).find((key) => key.id === id) ?? {};
    expect(Object.keys(row)).toEqual(
      expect.arrayContaining(['name', 'preview', 'status', 'expires_at', 'created_at', 'usage', 'period', 'budget']),
    );
    expect(row).toMatchObject({ status: 'active', usage: '0.00', period: { usage: '0.00' }, currency: 'USD' });
  });

  it('B12 limits are updated, the key is toggled, and deleted for good', async () => {
    const { id, key } = await project.createKey();
    const patch = { budget: '9.5', recurring_limit: { amount: 1, every: 6, unit: 'hour' }, rate_limit: 7 };
    const reply = await stack.admin.call('PATCH', `/api/api-keys/${id}`, patch);
    expect(await reply.json()).toMatchObject({ budget: '9.50', rate_limit: 7, recurring_limit: { every: 6 } });
    expect((await project.post(`/${id}/disable`)).status).toBe(200);
    expect((await project.post(`/${id}/enable`)).status).toBe(200);
    expect((await stack.admin.call('DELETE', `/api/api-keys/${id}`)).status).toBe(200);
    expect((await stack.admin.call('GET', `/api/api-keys/${id}`)).status).toBe(404);
    await status(key, 401);
  });
});

describe('B14 the allowance of the plan', () => {
  const usedBy = async ({ id }: AProject) =>
    ((await (await stack.admin.call('GET', `/api/projects/${id}`)).json()) as { keys: unknown }).keys;

  it('B14 is shown, and holds under fifty creations at once', async () => {
    const free = await aProject(stack, 'doteb', 'free');
    expect(await usedBy(free)).toEqual({ used: 0, allowed: 20 });
    const replies = await Promise.all(Array.from({ length: 50 }, () => free.create()));
    const made = replies.filter((reply) => reply.status === 201);
    expect(made).toHaveLength(20);
    for (const reply of replies.filter((reply) => reply.status !== 201))
      expect(await reply.json()).toMatchObject({ status: 403, code: 'plan_limit_reached', details: { allowed: 20 } });
    expect(await usedBy(free)).toEqual({ used: 20, allowed: 20 });
  });

  it('B14 a deleted key makes room, and so does a larger plan', async () => {
    const free = await aProject(stack, 'doteb', 'free');
    const ids = [];
    for (let i = 0; i < 20; i++) ids.push((await free.createKey()).id);
    expect((await free.create()).status).toBe(403);
    await stack.admin.call('DELETE', `/api/api-keys/${ids[0]}`);
    expect((await free.create()).status).toBe(201);
    expect((await free.create()).status).toBe(403);
    await stack.admin.call('PATCH', `/api/projects/${free.id}`, { plan: 'enterprise' });
    expect((await free.create()).status).toBe(201);
    expect(await usedBy(free)).toEqual({ used: 21, allowed: null });
  });
});
