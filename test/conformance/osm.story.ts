import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { chat, eventually, type Stack, startStack } from '../stack.js';
import { type AProject, aProject } from './a-project.js';

let stack: Stack;
let project: AProject;
beforeAll(async () => {
  stack = await startStack();
  project = await aProject(stack, 'osm');
});
afterAll(() => stack?.stop());

const auditOf = async (subject: string) => {
  const reply = await stack.admin.call('GET', `/api/audit-events?subject=${subject}`);
  return ((await reply.json()) as { data: { action: string; before: unknown; after: unknown }[] }).data;
};

describe('osmAPI', () => {
  it('O1 keys live in a project, with a label and an optional spending limit, and are shown once', async () => {
    const { id, key } = await project.createKey({ name: 'label', budget: '25' });
    const view = await project.key(id);
    expect(view).toMatchObject({ name: 'label', project_id: project.id, budget: '25.00' });
    expect(JSON.stringify(view)).not.toContain(key);
    expect(await project.createKey()).toMatchObject({ budget: null });
  });

  it('O1 a key is rotated at any time: id, limits and spend stay, both secrets work in between', async () => {
    const { id, key } = await project.createKey({ budget: '25' });
    await chat(stack.url, key);
    const before = await eventually(
      () => project.key(id),
      (view) => view.requests === 1,
    );
    const rotated = (await (await project.post(`/${id}/rotate`, {})).json()) as Record<string, unknown>;
    expect(rotated).toMatchObject({ id, budget: '25.00', usage: before.usage });
    expect(rotated.key).toMatch(/^osm_/);
    expect(rotated.previous).toMatchObject({ preview: before.preview, valid_until: expect.any(String) });
    for (const secret of [key, String(rotated.key)]) expect((await chat(stack.url, secret)).status).toBe(200);
    await project.post(`/${id}/rotate/finish`);
    expect((await chat(stack.url, key)).status).toBe(401);
    expect((await chat(stack.url, String(rotated.key))).status).toBe(200);
  });

  it('O1 a key is revoked at any time', async () => {
    const { id, key } = await project.createKey();
    expect((await chat(stack.url, key)).status).toBe(200);
    await stack.admin.call('DELETE', `/api/api-keys/${id}`);
    expect((await chat(stack.url, key)).status).toBe(401);
  });

  it('O2 a key begins with osm_ and is for POST /v1/chat/completions', async () => {
    const { key } = await project.createKey();
    expect(key).toMatch(/^osm_[0-9A-Za-z]{40}$/);
    expect((await chat(stack.url, key)).status).toBe(200);
  });

  it('O3 usage and cost of each key, as it is used', async () => {
    const [one, two] = [await project.createKey(), await project.createKey()];
    await chat(stack.url, one.key);
    await chat(stack.url, one.key);
    const view = await eventually(
      () => project.key(one.id),
      (key) => key.requests === 2,
      2000,
    );
    expect(Number(view.usage)).toBeGreaterThan(0);
    expect(await project.key(two.id)).toMatchObject({ requests: 0, usage: '0.00' });
  });

  it('O4 a key is switched off and on without being deleted', async () => {
    const { id, key } = await project.createKey();
    expect(await (await project.post(`/${id}/disable`)).json()).toMatchObject({
      status: 'disabled',
      receipt: { gateways: 1, acknowledged: 1 },
    });
    expect((await chat(stack.url, key)).status).toBe(403);
    expect(await (await project.post(`/${id}/enable`)).json()).toMatchObject({ status: 'active' });
    await eventually(
      () => chat(stack.url, key),
      ({ status }) => status === 200,
    );
  });

  it('O5 a key’s spend is reset by hand, its history stays, and the reset is in the audit log', async () => {
    const { id, key } = await project.createKey({ budget: '1', recurring_limit: { amount: 1, every: 1, unit: 'day' } });
    await chat(stack.url, key);
    const spent = await eventually(
      () => project.key(id),
      (view) => view.requests === 1,
    );
    expect(spent.usage).not.toBe('0.00');
    expect(spent.period).toMatchObject({ usage: spent.usage });
    const reset = (await (await project.post(`/${id}/reset-usage`)).json()) as Record<string, unknown>;
    expect(reset).toMatchObject({ usage: '0.00', period: { usage: '0.00' }, requests: 1, limit_state: 'ok' });
    expect((await auditOf(id))[0]).toMatchObject({
      action: 'key.reset_usage',
      before: { spend_epoch: 0 },
      after: { spend_epoch: 1 },
    });
    await eventually(
      async () => {
        await chat(stack.url, key);
        return project.key(id);
      },
      (view) => view.usage !== '0.00',
    );
  });

  it('O7 O8 an inactive key is refused with 403, flat, and told apart by its code', async () => {
    const { id, key } = await project.createKey();
    await project.post(`/${id}/disable`);
    const reply = await chat(stack.url, key);
    expect(reply.status).toBe(403);
    expect(await reply.json()).toMatchObject({
      error: true,
      status: 403,
      code: 'key_disabled',
      message: expect.stringContaining('disabled'),
    });
  });

  it('O9 a new key may use every model there is', async () => {
    const { key } = await project.createKey();
    const reply = await fetch(`${stack.url}/v1/models`, { headers: { authorization: `Bearer ${key}` } });
    const { data } = (await reply.json()) as { data: { id: string }[] };
    expect(data.length).toBeGreaterThan(0);
    for (const { id } of data) expect((await chat(stack.url, key, { model: id })).status).toBe(200);
  });
});
