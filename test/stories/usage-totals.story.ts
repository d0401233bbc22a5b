import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { UsageRow } from '#contracts/reports';
import type { UsageEvent } from '#contracts/usage';
import { parseMoney } from '#domain/money';
import { ago, used } from '../browser/used.js';
import { type Stack, startStack } from '../stack.js';

const DAY = 86_400_000;
const KEYS = 12;
const DAYS = 3;

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
  const key = await stack.admin.createKey();
  await used(stack, key, [...lately(), { at: ago(60_000), cost_nanos: '1' }]);
});
afterAll(() => stack?.stop());

const keyId = (index: number) => `key_01J${String(index).padStart(23, '0')}`;

/** Twelve keys on three days, the later ones the dearer; every fourth request goes through a key of their own. */
function lately(): Partial<UsageEvent>[] {
  return Array.from({ length: KEYS * DAYS }, (_, index) => ({
    key_id: keyId(index % KEYS),
    at: ago((Math.floor(index / KEYS) + 1) * DAY),
    own_key: index % 4 === 0,
    cost_nanos: String((1 + (index % KEYS)) * 1_000_000),
  }));
}

const page = async (query: string, by = 'key') => {
  const reply = await stack.admin.call('GET', `/api/usage?group_by=${by}&start=${ago(30 * DAY)}${query}`);
  if (reply.status !== 200) throw new Error(await reply.text());
  return (await reply.json()) as { data: UsageRow[]; next_cursor: string | null };
};

async function everyPage(query: string): Promise<UsageRow[]> {
  const rows: UsageRow[] = [];
  for (let cursor = ''; ; ) {
    const { data, next_cursor } = await page(`${query}&limit=2${cursor}`);
    rows.push(...data);
    if (next_cursor === null) return rows;
    cursor = `&cursor=${next_cursor}`;
  }
}

/** What it comes to, whoever used it. */
const sumOf = (rows: readonly UsageRow[]) => ({
  requests: rows.reduce((all, { requests }) => all + requests, 0),
  cost: rows.reduce((all, { cost }) => all + (parseMoney(cost) ?? 0n), 0n),
  own: rows.reduce((all, { own_key_cost }) => all + (parseMoney(own_key_cost) ?? 0n), 0n),
});

describe('usage of more groups than anybody draws', () => {
  it('comes as the dearest by name and all others in one row, day by day, and nothing is lost', async () => {
    const all = (await page('')).data;
    const { data } = await page('&top=3');
    const named = data.filter(({ group }) => 'key' in group);
    expect([...new Set(named.map(({ group }) => group.key))].sort()).toEqual([9, 10, 11].map(keyId));
    for (const row of named)
      expect(all.filter(({ start, group }) => start === row.start && group.key === row.group.key)).toEqual([row]);
    const days = [...new Set(all.map(({ start }) => start))];
    for (const day of days) {
      const rest = data.filter(({ start, group }) => start === day && !('key' in group));
      expect(rest.map(({ group }) => group)).toEqual([{}]);
      expect(sumOf(data.filter(({ start }) => start === day))).toEqual(sumOf(all.filter(({ start }) => start === day)));
    }
  });

  it('comes in one row for each of them over all of the time', async () => {
    const all = (await page('')).data;
    const { data } = await page('&totals=true');
    expect(data.length).toBe(KEYS + 1);
    for (const row of data) expect(sumOf([row])).toEqual(sumOf(all.filter(({ group }) => group.key === row.group.key)));
    expect(sumOf((await page('&totals=true&top=1')).data)).toEqual(sumOf(all));
  });

  it.each(['', '&top=3', '&totals=true', '&top=2&totals=true'])('is the same page by page%s', async (query) => {
    expect(await everyPage(query)).toEqual((await page(query)).data);
  });

  it('is told apart by two things at once as well, own keys among them', async () => {
    const { data } = await page('&top=4&totals=true', 'key,own_key');
    expect(data).toHaveLength(5);
    expect(sumOf(data)).toEqual(sumOf((await page('')).data));
  });
});
