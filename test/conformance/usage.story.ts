import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { chat, eventually, type Stack, startStack } from '../stack.js';
import { aProject } from './a-project.js';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack?.stop());

interface Row {
  readonly start: string;
  readonly group: Record<string, unknown>;
  readonly requests: number;
  readonly denied: number;
  readonly cost: string;
  readonly own_key_cost: string;
}

async function get<T>(path: string): Promise<T> {
  const reply = await stack.admin.call('GET', path);
  expect([path, reply.status]).toEqual([path, 200]);
  return (await reply.json()) as T;
}

const usage = (query: string) => get<{ data: Row[]; as_of: string }>(`/api/usage?${query}`);
const log = (query: string) =>
  get<{ data: { id: string; outcome: string; code: string | null; model: string }[] }>(`/api/requests?${query}`);
const sum = (rows: readonly Row[], name: 'requests' | 'denied') => rows.reduce((all, row) => all + row[name], 0);

describe('what was used', () => {
  it('D14 a spike is visible: minute by minute, in the minute it was', async () => {
    const project = await aProject(stack, 'dosai', 'pro');
    const { id, key } = await project.createKey();
    await Promise.all(Array.from({ length: 30 }, () => chat(stack.url, key)));
    const { data, as_of } = await eventually(
      () => usage(`bucket=1m&key=${id}`),
      (found) => sum(found.data, 'requests') === 30,
    );
    expect(data.length).toBeLessThanOrEqual(2);
    expect(Date.now() - Date.parse(as_of)).toBeLessThan(10_000);
  });

  it('O3 B12 usage, cost and requests of each key, as it is used', async () => {
    const project = await aProject(stack, 'osm');
    const keys = [await project.createKey(), await project.createKey()] as const;
    await chat(stack.url, keys[0].key);
    await chat(stack.url, keys[0].key);
    await chat(stack.url, keys[1].key);
    const { data } = await eventually(
      () => usage(`group_by=key&project=${project.id}`),
      (found) => sum(found.data, 'requests') === 3,
    );
    expect(data.find(({ group }) => group.key === keys[0].id)).toMatchObject({ requests: 2 });
    expect(data.every(({ cost }) => Number(cost) > 0)).toBe(true);
    expect((await log(`key=${keys[1].id}`)).data).toMatchObject([{ outcome: 'ok', model: 'echo' }]);
  });

  it('O10 denials are in the request log, with the reason', async () => {
    const { id, key } = await (await aProject(stack, 'osm')).createKey();
    await chat(stack.url, key, { model: 'no such model' });
    const { data } = await eventually(
      () => log(`key=${id}&outcome=denied`),
      (found) => found.data.length === 1,
    );
    expect(data[0]).toMatchObject({ code: 'model_not_found', model: 'no such model' });
    const one = await get<object>(`/api/requests/${data[0]?.id}`);
    expect(one).toMatchObject({ outcome: 'denied', status: 404, cost: '0.00' });
    expect((await usage(`key=${id}`)).data).toMatchObject([{ requests: 0, denied: 1 }]);
  });

  it('B10 platform credits and own provider keys are told apart', async () => {
    const project = await aProject(stack, 'doteb', 'enterprise');
    const { id, key } = await project.createKey();
    await chat(stack.url, key);
    const { data } = await eventually(
      () => usage(`key=${id}&group_by=own_key`),
      (found) => found.data.length === 1,
    );
    expect(data).toMatchObject([{ group: { own_key: false }, own_key_cost: '0.00' }]);
    expect((await usage(`key=${id}&own_key=true`)).data).toEqual([]);
  });

  it('is exported as CSV and JSON, and no name becomes a formula', async () => {
    const { id, key } = await stack.admin.createKey();
    await chat(stack.url, key);
    await eventually(
      () => usage(`key=${id}`),
      (found) => found.data.length === 1,
    );
    const csv = await stack.admin.call('GET', `/api/usage/export?key=${id}&group_by=model,key`);
    expect(csv.headers.get('content-type')).toContain('text/csv');
    const [head, line] = (await csv.text()).split('\r\n');
    expect(head).toMatch(/^start,model,key,requests,/);
    expect(line).toContain(`,echo,${id},1,0,0,`);
    const json = await stack.admin.call('GET', `/api/usage/export?key=${id}&format=json`);
    expect(await json.json()).toMatchObject([{ requests: 1 }]);
  });

  it.each([
    ['bucket=1m&start=2026-01-01&end=2026-06-01', 'bucket'],
    ['start=2026-02-01&end=2026-01-01', 'end'],
    ['group_by=colour', 'group_by.0'],
    ['cursor=x', 'cursor'],
  ])('is not asked for with %s', async (query, param) => {
    const reply = await stack.admin.call('GET', `/api/usage?${query}`);
    expect([reply.status, await reply.json()]).toMatchObject([400, { param }]);
  });
});
