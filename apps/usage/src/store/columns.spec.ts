import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { arraysOf, rowsFrom } from './columns.js';

const COLUMNS = {
  name: 'text',
  count: 'bigint',
  cost: 'numeric',
  own_key: 'boolean',
  at: 'timestamptz',
  trace: 'jsonb',
};

let db: Client;
beforeAll(async () => {
  db = new Client({ connectionString: process.env.KEYWARD_TEST_POSTGRES_URL });
  await db.connect();
});
afterAll(() => db.end());

describe('rows that travel as arrays', () => {
  it.each(['', ' ', 'NULL', 'null', 'a,b', '{x}', '"', '\\', '\\"', '\\\\', 'line\nbreak\t', 'ü 漢 🦉', "it's"])(
    'arrive as they were: %j',
    async (text) => {
      const at = '2026-11-27T15:00:00.123Z';
      const rows = [
        {
          name: text,
          count: 3,
          cost: 123_456_789_012_345_678n,
          own_key: true,
          at,
          trace: { [text]: [text, null, 1.5] },
        },
        { name: null, count: -1, cost: '5', own_key: false, at: null, trace: [] },
        {},
      ];
      const { rows: there } = await db.query(`SELECT * FROM ${rowsFrom(COLUMNS)}`, arraysOf(COLUMNS, rows));
      const nothing = { name: null, count: null, cost: null, own_key: null, at: null, trace: null };
      expect(there).toEqual([
        { ...rows[0], count: '3', cost: '123456789012345678', at: new Date(at) },
        { ...nothing, count: '-1', cost: '5', own_key: false, trace: [] },
        nothing,
      ]);
    },
  );

  it('may be none', async () => {
    const { rows } = await db.query(`SELECT * FROM ${rowsFrom(COLUMNS)}`, arraysOf(COLUMNS, []));
    expect(rows).toEqual([]);
  });
});
