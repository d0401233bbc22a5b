import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { type Stack, startStack } from '../stack.js';

interface Event {
  seq: number;
  action: string;
  actor: string;
  subject: string;
  origin: string;
  request_id: string;
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
}

let stack: Stack;
let database: Client;
beforeAll(async () => {
  stack = await startStack();
  database = new Client({ connectionString: stack.servers.postgres });
  await database.connect();
});
afterAll(async () => {
  await database?.end();
  await stack?.stop();
});

const events = async (query = '') => {
  const reply = await stack.admin.call('GET', `/api/audit-events${query}`);
  expect(reply.status).toBe(200);
  return (await reply.json()) as { data: Event[]; has_more: boolean; next_cursor: string | null };
};
const verify = async () =>
  (await (await stack.admin.call('GET', '/api/audit-events/verify')).json()) as Record<string, unknown>;

describe('the audit log', () => {
  it('tells who did what, from where, and what it was before', async () => {
    const headers = { 'user-agent': 'a test', 'x-request-id': 'my-own-id' };
    const created = await stack.admin.call('POST', '/api/api-keys', { name: 'told of', budget: '1' }, headers);
    const { id, key, created_by } = (await created.json()) as Record<string, string>;
    await stack.admin.call('PATCH', `/api/api-keys/${id}`, { budget: '2' });
    for (const action of ['disable', 'enable', 'rotate', 'rotate/finish', 'reset-usage'])
      await stack.admin.call('POST', `/api/api-keys/${id}/${action}`);
    await stack.admin.call('DELETE', `/api/api-keys/${id}`);
    const { data } = await events(`?subject=${id}`);
    expect(data.map((event) => event.action)).toEqual([
      'key.delete',
      'key.reset_usage',
      'key.finish_rotation',
      'key.rotate',
      'key.enable',
      'key.disable',
      'key.update',
      'key.create',
    ]);
    const [made, updated] = data.toReversed();
    expect(made).toMatchObject({
      actor: created_by,
      origin: expect.stringMatching(/^(127\.0\.0\.1|::1|::ffff:127\.0\.0\.1) a test$/),
      request_id: 'my-own-id',
      before: null,
      after: { name: 'told of', budget: '1.00' },
    });
    expect(updated).toMatchObject({ before: { budget: '1.00' }, after: { budget: '2.00' } });
    expect(Object.keys(updated?.after ?? {})).toEqual(['budget']);
    expect(JSON.stringify(data)).not.toContain(key?.slice(7, -4));
  });

  it('is read by subject, actor, action and time, page by page', async () => {
    const { data: all } = await events('?limit=100');
    const first = all.at(-1) as Event;
    expect(await events(`?actor=${first.actor}&action=key.create&limit=100`)).toMatchObject({
      data: all.filter((event) => event.action === 'key.create'),
    });
    expect((await events('?actor=member:nobody')).data).toEqual([]);
    expect((await events(`?since=${new Date(Date.now() + 60_000).toISOString()}`)).data).toEqual([]);
    expect((await events(`?until=${new Date(Date.now() + 60_000).toISOString()}&limit=100`)).data).toEqual(all);
    const seen: number[] = [];
    let cursor = '';
    do {
      const page = await events(`?limit=3${cursor}`);
      seen.push(...page.data.map((event) => event.seq));
      cursor = page.next_cursor === null ? '' : `&cursor=${page.next_cursor}`;
    } while (cursor);
    expect(seen).toEqual(all.map((event) => event.seq));
    expect((await stack.admin.call('GET', '/api/audit-events?cursor=x')).status).toBe(400);
  });

  it('is for admins: a key that may only write does not see it', async () => {
    const { key } = await stack.admin.createKey({ scopes: ['read', 'write'] });
    for (const path of ['/api/audit-events', '/api/audit-events/verify']) {
      const reply = await fetch(stack.url + path, { headers: { authorization: `Bearer ${key}` } });
      expect(reply.status).toBe(403);
    }
  });

  it('is whole while changes come in from everywhere', async () => {
    await Promise.all(Array.from({ length: 12 }, () => stack.admin.createKey()));
    const { data } = await events('?limit=1');
    expect(await verify()).toMatchObject({ intact: true, entries: data[0]?.seq, broken_at: null, problem: null });
  });
});

describe('P15: somebody with the database in their hands', () => {
  /** What they do is undone afterwards, in the same way: nothing but their work is found out. */
  const tampered = async (statements: string, undo: string) => {
    await database.query(statements);
    try {
      return await verify();
    } finally {
      await database.query(undo);
      expect(await verify()).toMatchObject({ intact: true });
    }
  };
  const keep =
    'CREATE TEMP TABLE kept AS SELECT * FROM keys.audit_event; CREATE TEMP TABLE head AS SELECT * FROM keys.audit_head;';
  const restore = `DELETE FROM keys.audit_event; INSERT INTO keys.audit_event SELECT * FROM kept; DROP TABLE kept;
    DELETE FROM keys.audit_head; INSERT INTO keys.audit_head SELECT * FROM head; DROP TABLE head;`;

  it.each([
    ['actor', "actor = 'member:mem_01JD3Q0YV6Z0C7M1W8K2R5T9XA'"],
    ['action', "action = 'key.create'"],
    ['subject', "subject = 'key_01JD3Q0YV6Z0C7M1W8K2R5T9XA'"],
    ['time', "at = at - interval '1 hour'"],
    ['time by a millisecond', "at = at + interval '1 millisecond'"],
    ['time by a microsecond', "at = at + interval '1 microsecond'"],
    ['before', `before = '{"budget":"9.00"}'`],
    ['after', 'after = NULL'],
    ['origin', 'origin = NULL'],
    ['request id', "request_id = 'req_other'"],
    ['hash', "hash = 'x'"],
  ])('cannot change the %s of an entry unseen', async (_, change) => {
    await database.query(keep);
    const found = await tampered(`UPDATE keys.audit_event SET ${change} WHERE seq = 3`, restore);
    expect(found).toMatchObject({ intact: false, broken_at: 3, head: null });
  });

  it.each([
    ['take an entry out', 'DELETE FROM keys.audit_event WHERE seq = 4', 4],
    ['take the first out', 'DELETE FROM keys.audit_event WHERE seq = 1', 1],
    [
      'take an entry out and close the gap',
      `DELETE FROM keys.audit_event WHERE seq = 4;
       UPDATE keys.audit_event SET seq = -seq WHERE seq > 4; UPDATE keys.audit_event SET seq = -seq - 1 WHERE seq < 0`,
      4,
    ],
    [
      'exchange two entries',
      `UPDATE keys.audit_event SET seq = -5 WHERE seq = 5; UPDATE keys.audit_event SET seq = 5 WHERE seq = 6;
       UPDATE keys.audit_event SET seq = 6 WHERE seq = -5`,
      5,
    ],
    [
      'put an entry in',
      `UPDATE keys.audit_event SET seq = -seq WHERE seq >= 4; UPDATE keys.audit_event SET seq = -seq + 1 WHERE seq < 0;
       INSERT INTO keys.audit_event SELECT organization_id, 4, at, actor, action, subject, before, after, origin, request_id, hash
         FROM keys.audit_event WHERE seq = 3`,
      4,
    ],
  ])('cannot %s unseen', async (_, statements, brokenAt) => {
    await database.query(keep);
    expect(await tampered(statements, restore)).toMatchObject({ intact: false, broken_at: brokenAt });
  });

  it('cannot cut off the newest entries, take everything, or put something behind, unseen', async () => {
    const last = (await events('?limit=1')).data[0]?.seq ?? 0;
    await database.query(keep);
    expect(await tampered(`DELETE FROM keys.audit_event WHERE seq > ${last - 2}`, restore)).toMatchObject({
      intact: false,
      broken_at: last - 1,
      problem: 'the newest entries were cut off',
    });
    await database.query(keep);
    expect(await tampered('DELETE FROM keys.audit_event', restore)).toMatchObject({ intact: false, broken_at: 1 });
    await database.query(keep);
    const behind = `INSERT INTO keys.audit_event SELECT organization_id, seq + 1, at, actor, action, subject, before, after, origin, request_id, hash
      FROM keys.audit_event WHERE seq = ${last}`;
    expect(await tampered(behind, restore)).toMatchObject({ intact: false, broken_at: last + 1 });
    await database.query(keep);
    expect(await tampered('DELETE FROM keys.audit_head', restore)).toMatchObject({ intact: false, broken_at: 1 });
  });
});
