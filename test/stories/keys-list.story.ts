import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type AProject, aProject } from '../conformance/a-project.js';
import { chat, eventually, type Stack, startStack } from '../stack.js';
import { backToNow, forward } from '../time-travel.js';

const DAY = 86_400_000;
type View = Record<string, unknown>;
type Page = { data: View[]; has_more: boolean; next_cursor: string | null; counts: unknown };

let stack: Stack;
let shelf: AProject;
beforeAll(async () => {
  stack = await startStack();
});
beforeEach(async () => {
  shelf = await aProject(stack, 'keyward', 'enterprise');
});
afterAll(() => stack?.stop());
afterEach(backToNow);

const read = async (query: string) =>
  (await (await stack.admin.call('GET', `/api/api-keys?project=${shelf.id}${query}`)).json()) as Page;
const ids = async (query: string) => (await read(query)).data.map((key) => key.id);

/** Two at a time, from the first to the last. */
async function everyPage(query: string): Promise<View[]> {
  const found: View[] = [];
  let cursor = '';
  for (;;) {
    const page = await read(`${query}&limit=2${cursor}`);
    found.push(...page.data);
    expect(page.has_more).toBe(page.next_cursor !== null);
    if (page.next_cursor === null) return found;
    cursor = `&cursor=${page.next_cursor}`;
  }
}

describe('the list of keys', () => {
  it.each(['-created_at', 'created_at', 'name', '-name', 'expires_at', '-expires_at'])(
    'sorted by %s: page by page, every key once, in one order',
    async (sort) => {
      const names = ['b', 'A', 'ä', 'Z', 'a2', '~', '_', 'İstanbul', '10', '9', 'ß'];
      for (const [index, name] of names.entries())
        await shelf.createKey({ name, ttl: index % 3 === 0 ? null : { value: 20 - index, unit: 'days' } });
      const pages = await everyPage(`&sort=${sort}`);
      expect(pages.map((key) => key.name).sort()).toEqual([...names].sort());
      expect(pages.map((key) => key.id)).toEqual(await ids(`&sort=${sort}`));
    },
  );

  it.each([
    ['expires_at', (a: string, b: string) => (a < b ? -1 : 1)],
    ['-expires_at', (a: string, b: string) => (a < b ? 1 : -1)],
  ])('sorted by %s has the keys that never expire at its end', async (sort, order) => {
    for (const days of [3, null, 1, null, 2])
      await shelf.createKey({ ttl: days === null ? null : { value: days, unit: 'days' } });
    const dates = (await everyPage(`&sort=${sort}`)).map((key) => key.expires_at as string | null);
    expect(dates.slice(3)).toEqual([null, null]);
    const set = dates.slice(0, 3) as string[];
    expect(set).toEqual([...set].sort(order));
  });

  it('is narrowed by tag, creator, expiry, name, prefix and last letters', async () => {
    const one = await shelf.createKey({ name: 'Alpha', tags: { team: 'red:hot' }, ttl: { value: 1, unit: 'days' } });
    const two = await shelf.createKey({ name: 'Beta', tags: { team: 'blue' } });
    expect(await ids('&tag=team:red:hot')).toEqual([one.id]);
    expect(await ids('&tag=team')).toEqual([two.id, one.id]);
    expect(await ids('&tag=tea')).toEqual([]);
    expect(await ids('&q=LPH')).toEqual([one.id]);
    expect(await ids(`&q=${two.key.slice(0, 7)}`)).toEqual([two.id]);
    expect(await ids(`&q=${one.key.slice(-4)}`)).toEqual([one.id]);
    expect(await ids(`&expires_before=${new Date(Date.now() + 2 * DAY).toISOString()}`)).toEqual([one.id]);
    expect(await ids(`&created_by=${one.created_by}`)).toEqual([two.id, one.id]);
    expect(await ids('&created_by=member:nobody')).toEqual([]);
    expect(await ids(`&ids=${one.id}`)).toEqual([one.id]);
    expect(await ids(`&ids=${one.id},${two.id},key_01JABCDEFGHJKMNPQRSTVWXYZ0`)).toEqual([two.id, one.id]);
    expect((await stack.admin.call('GET', '/api/api-keys?ids=one')).status).toBe(400);
  });

  it('counts the active and the inactive ones, whichever are shown', async () => {
    await shelf.createKey();
    const { id } = await shelf.createKey();
    await shelf.createKey({ ttl: { value: 1, unit: 'minutes' } });
    await shelf.post(`/${id}/disable`);
    forward(60_000);
    for (const query of ['', '&status=active', '&status=inactive', '&limit=1'])
      expect((await read(query)).counts).toEqual({ active: 1, inactive: 2 });
    expect(await ids('&status=disabled')).toEqual([id]);
    expect(await ids('&status=expired')).toHaveLength(1);
  });

  it('by whether they have rules of their own: an inactive one is none', async () => {
    const [plain, ruled, idle] = [await shelf.createKey(), await shelf.createKey(), await shelf.createKey()];
    const rule = { type: 'deny_models', models: ['echo'] };
    for (const [key, status] of [
      [ruled, 'active'],
      [idle, 'inactive'],
    ] as const)
      await stack.admin.call('PUT', `/api/api-keys/${key.id}/iam-rules`, { rules: [{ ...rule, status }] });
    expect(await ids('&has_rules=true')).toEqual([ruled.id]);
    expect(await ids('&has_rules=false&sort=created_at')).toEqual([plain.id, idle.id]);
  });

  it('by disuse: neither used nor made since then', async () => {
    const [used, idle] = [await shelf.createKey(), await shelf.createKey()];
    forward(2 * DAY);
    await shelf.createKey();
    await eventually(
      () => chat(stack.url, used.key),
      ({ status }) => status === 200,
    );
    await eventually(
      () => shelf.key(used.id),
      (view) => view.last_used_at !== null,
    );
    expect(await ids(`&unused_since=${new Date(Date.now() - DAY).toISOString()}`)).toEqual([idle.id]);
  });
});

describe('the list by the state of limits', () => {
  it('loses no key between its pages: reached, near and ok', async () => {
    const { near, ok, reached } = await spendOnNine();
    for (const [state, made] of Object.entries({ near, ok, reached }))
      expect((await everyPage(`&limit_state=${state}`)).map((key) => key.id)).toEqual([...made].reverse());
  });
});

/** Three keys of each state, made in turns so that no page has one state only. */
async function spendOnNine() {
  const made = { reached: [] as string[], near: [] as string[], ok: [] as string[] };
  for (let i = 0; i < 3; i++) {
    made.reached.push(await usedOnce());
    made.ok.push((await shelf.createKey(i === 0 ? {} : { budget: '1' })).id);
    made.near.push(await usedOnce());
  }
  for (const id of made.reached) await limitTo(id, (cost) => cost);
  for (const id of made.near) await limitTo(id, (cost) => cost * 1.2);
  // A limit of nothing is reached from the start.
  made.reached.push((await shelf.createKey({ budget: 0 })).id);
  return made;
}

async function usedOnce(): Promise<string> {
  const { id, key } = await shelf.createKey();
  expect((await chat(stack.url, key)).status).toBe(200);
  return id;
}

async function limitTo(id: string, budget: (cost: number) => number): Promise<void> {
  const { usage } = await eventually(
    () => shelf.key(id),
    (view) => view.requests === 1,
  );
  await stack.admin.call('PATCH', `/api/api-keys/${id}`, { budget: budget(Number(usage)).toFixed(9) });
}
