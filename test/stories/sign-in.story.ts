import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { type Person, person, visitor } from '../people.js';
import { eventually, type Stack, startStack } from '../stack.js';

let stack: Stack;
let db: Client;
beforeAll(async () => {
  stack = await startStack();
  db = new Client({ connectionString: stack.servers.postgres, options: '-c search_path=keys' });
  await db.connect();
});
afterAll(async () => {
  await db?.end();
  await stack?.stop();
});
beforeEach(() => db.query('DELETE FROM sign_in_failure'));

const PASSWORD = 'correct-horse-battery';
const OWNER = { email: 'owner@keyward.test', password: PASSWORD };
const signIn = (body: object, headers: Record<string, string> = {}) =>
  visitor(stack.url).call('POST', '/api/session', body, headers);
const wrong = (email = OWNER.email) => signIn({ email, password: 'not the password' });
const audited = async (action: string) =>
  (await db.query('SELECT * FROM audit_event WHERE action = $1 ORDER BY seq DESC', [action])).rows;

describe('signing in', () => {
  it('answers with a cookie that no script can read and no other site can send', async () => {
    const reply = await signIn(OWNER);
    expect(reply.status).toBe(200);
    const cookie = reply.headers.get('set-cookie') ?? '';
    expect(cookie).toMatch(/^token=[\w-]+\.[\w-]+\.[\w-]+; /);
    for (const flag of ['HttpOnly', 'SameSite=Strict', 'Path=/api', 'Expires=']) expect(cookie).toContain(flag);
    expect(cookie).not.toContain('Secure');
    const { member } = (await reply.json()) as { member: { last_sign_in_at: string } };
    expect(Date.now() - Date.parse(member.last_sign_in_at)).toBeLessThan(60_000);
  });

  it('behind https the cookie travels over https only', async () => {
    const secured = await stack.startGateway({ KEYWARD_PUBLIC_URL: 'https://keyward.example' });
    const reply = await visitor(secured.url as string).call('POST', '/api/session', OWNER);
    expect(reply.headers.get('set-cookie')).toContain('; Secure');
  });

  it('takes a cookie that somebody has changed for none', async () => {
    const owner = await person(stack.url, OWNER);
    const [head = '', body = '', seal = ''] = owner.cookie.slice('token='.length).split('.');
    const claims = JSON.parse(Buffer.from(body, 'base64url').toString());
    const other = Buffer.from(JSON.stringify({ ...claims, sub: 'mem_01JD3Q0YV6Z0C7M1W8K2R5T9XA' })).toString(
      'base64url',
    );
    const none = Buffer.from('{"alg":"none"}').toString('base64url');
    for (const token of [`${head}.${other}.${seal}`, `${none}.${body}.`, `${head}.${body}.${seal.slice(0, -2)}`]) {
      const reply = await visitor(stack.url).call('GET', '/api/session', undefined, { cookie: `token=${token}` });
      expect(reply.status).toBe(401);
    }
  });

  it('is written down, and so is failing to, where there is such a member', async () => {
    await wrong();
    await wrong('nobody@keyward.test');
    await signIn(OWNER, { 'user-agent': 'a browser' });
    const failed = await eventually(
      () => audited('session.sign_in_failed'),
      (rows) => rows.length > 0,
    );
    expect(failed[0]).toMatchObject({ actor: 'service:keys', after: { by: 'password' } });
    const [entry] = await audited('session.sign_in');
    expect(entry).toMatchObject({ actor: expect.stringMatching(/^member:mem_/), after: { by: 'password' } });
    expect(entry.origin).toContain('a browser');
    expect(JSON.stringify(await audited('session.sign_in_failed'))).not.toContain('nobody@');
  });
});

describe('guessing', () => {
  it('gives the same answer for an e-mail nobody has', async () => {
    const [known, unknown] = await Promise.all([wrong(), wrong('nobody@keyward.test')]);
    const [a, b] = (await Promise.all([known.json(), unknown.json()])) as Record<string, unknown>[];
    expect(known.status).toBe(401);
    expect({ ...a, request_id: null }).toEqual({ ...b, request_id: null });
  });

  it('takes as long for an e-mail nobody has', async () => {
    const time = async (email: string) => {
      const started = performance.now();
      await wrong(email);
      return performance.now() - started;
    };
    // The fastest of several, in turns: noise only ever adds.
    let [known, unknown] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
    for (let i = 0; i < 8; i++) {
      known = Math.min(known, await time(OWNER.email));
      unknown = Math.min(unknown, await time('nobody@keyward.test'));
    }
    // Without the wasted hash an unknown e-mail is answered many times faster.
    expect(unknown).toBeGreaterThan(known * 0.5);
    expect(unknown).toBeLessThan(known * 2);
  });

  it.each([['owner@keyward.test'], ['nobody@keyward.test']])('is refused after ten failures: %s', async (email) => {
    for (let i = 0; i < 10; i++) expect((await wrong(email)).status).toBe(401);
    const reply = await signIn({ email: email.toUpperCase(), password: PASSWORD });
    expect(reply.status).toBe(429);
    const { code, details } = (await reply.json()) as { code: string; details: { retry_after_seconds: number } };
    expect(code).toBe('too_many_attempts');
    expect(details.retry_after_seconds).toBeGreaterThan(890);
    expect(details.retry_after_seconds).toBeLessThanOrEqual(900);
    expect(reply.headers.get('retry-after')).toBe(String(details.retry_after_seconds));
  });

  it('many at once are counted one by one', async () => {
    const replies = await Promise.all(Array.from({ length: 25 }, () => wrong()));
    const statuses = replies.map((reply) => reply.status);
    expect(statuses.filter((status) => status === 401)).toHaveLength(10);
    expect(statuses.filter((status) => status === 429)).toHaveLength(15);
  });

  it('is possible again when the tenth-last failure is a quarter of an hour old, and refused attempts do not count', async () => {
    for (let i = 0; i < 10; i++) await wrong();
    for (let i = 0; i < 5; i++) expect((await wrong()).status).toBe(429);
    await db.query("UPDATE sign_in_failure SET at = at - interval '14 minutes 50 seconds'");
    expect((await signIn(OWNER)).status).toBe(429);
    await db.query("UPDATE sign_in_failure SET at = at - interval '10 seconds'");
    expect((await signIn(OWNER)).status).toBe(200);
    // Whoever got in is forgiven what they mistyped.
    expect((await db.query('SELECT * FROM sign_in_failure')).rows).toEqual([]);
  });

  it('over many e-mails from one address is refused after fifty failures', async () => {
    await db.query(
      `INSERT INTO sign_in_failure (email, ip, at) SELECT 'guess' || n || '@keyward.test', '127.0.0.1', now() FROM generate_series(1, 50) n`,
    );
    expect((await signIn(OWNER)).status).toBe(429);
    await db.query("UPDATE sign_in_failure SET ip = '203.0.113.7'");
    expect((await signIn(OWNER)).status).toBe(200);
  });

  it('counts the address a trusted proxy tells, and nobody else’s word for it', async () => {
    const behind = await stack.startGateway({ KEYWARD_TRUSTED_PROXIES: '127.0.0.1' });
    const told = { 'x-forwarded-for': '198.51.100.9' };
    const guess = { email: 'nobody@keyward.test', password: 'x' };
    await visitor(behind.url as string).call('POST', '/api/session', guess, told);
    await signIn(guess, told);
    const { rows } = await db.query('SELECT ip FROM sign_in_failure ORDER BY at');
    expect(rows.map((row) => row.ip)).toEqual(['198.51.100.9', '127.0.0.1']);
  });
});

describe('sessions', () => {
  let owner: Person;
  beforeEach(async () => {
    await db.query('UPDATE session SET ended_at = now()');
    owner = await person(stack.url, OWNER);
  });

  it('are listed with where they came from, and ended one by one', async () => {
    const other = await person(stack.url, OWNER, { 'user-agent': 'another browser' });
    const { data } = await owner.read<{ data: { id: string; origin: string; current: boolean }[] }>('/api/sessions');
    expect(data).toHaveLength(2);
    expect(data.map((session) => session.current)).toEqual([false, true]);
    expect(data[0]?.origin).toContain('another browser');
    expect((await owner.call('DELETE', `/api/sessions/${data[0]?.id}`)).status).toBe(204);
    expect((await other.call('GET', '/api/session')).status).toBe(401);
    expect((await owner.call('GET', '/api/session')).status).toBe(200);
    expect((await owner.call('DELETE', `/api/sessions/${data[0]?.id}`)).status).toBe(404);
    expect((await audited('session.end'))[0]).toMatchObject({ subject: data[0]?.id });
  });

  it('a session that is ended by itself takes its cookie with it', async () => {
    const { data } = await owner.read<{ data: { id: string }[] }>('/api/sessions');
    const reply = await owner.call('DELETE', `/api/sessions/${data[0]?.id}`);
    expect(reply.headers.get('set-cookie')).toContain('Max-Age=0');
    expect((await owner.call('GET', '/api/session')).status).toBe(401);
  });

  it('signing out ends the session, wherever its cookie may be', async () => {
    expect((await owner.call('DELETE', '/api/session')).status).toBe(204);
    expect((await owner.call('GET', '/api/session')).status).toBe(401);
  });

  it('end with their time', async () => {
    await db.query("UPDATE session SET expires_at = now() - interval '1 second' WHERE ended_at IS NULL");
    expect((await owner.call('GET', '/api/session')).status).toBe(401);
  });

  it('are not written to with every request, and are when a minute has passed', async () => {
    const seen = async () => (await db.query('SELECT last_seen_at, xmin FROM session WHERE ended_at IS NULL')).rows[0];
    const before = await seen();
    for (let i = 0; i < 5; i++) await owner.call('GET', '/api/session');
    expect(await seen()).toEqual(before);
    await db.query("UPDATE session SET last_seen_at = now() - interval '61 seconds' WHERE ended_at IS NULL");
    await owner.call('GET', '/api/session');
    expect((await seen()).last_seen_at.getTime()).toBeGreaterThan(Date.now() - 30_000);
  });

  it('another site cannot use them', async () => {
    const reply = await owner.call('DELETE', '/api/session', undefined, { origin: 'https://elsewhere.example' });
    expect(reply.status).toBe(403);
    expect((await owner.call('GET', '/api/session')).status).toBe(200);
  });
});

describe('a new password', () => {
  const change = (owner: Person, current_password: string, new_password: string) =>
    owner.call('PUT', '/api/session/password', { current_password, new_password });

  it('needs the current one, ends every other session, and is the only one from then on', async () => {
    const [owner, other] = [await person(stack.url, OWNER), await person(stack.url, OWNER)];
    expect((await change(owner, 'not the password', 'another-horse-battery')).status).toBe(401);
    expect((await change(owner, PASSWORD, 'short')).status).toBe(400);
    expect((await change(owner, PASSWORD, 'another-horse-battery')).status).toBe(204);
    expect((await owner.call('GET', '/api/session')).status).toBe(200);
    expect((await other.call('GET', '/api/session')).status).toBe(401);
    expect((await signIn(OWNER)).status).toBe(401);
    const [entry] = await audited('session.password_change');
    expect(entry.after.sessions_ended.length).toBeGreaterThan(0);
    expect(JSON.stringify(entry)).not.toContain('horse');
    expect((await change(owner, 'another-horse-battery', PASSWORD)).status).toBe(204);
  });

  it('a session left open is no place to guess the old one at', async () => {
    const owner = await person(stack.url, OWNER);
    for (let i = 0; i < 10; i++) await change(owner, `guess ${i}`, 'another-horse-battery');
    expect((await change(owner, PASSWORD, 'another-horse-battery')).status).toBe(429);
  });
});
