import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { NatsConnection } from '@nats-io/transport-node';
import { Client } from 'pg';
import { type Invitation, type Member, PeopleRpc } from '#contracts/people';
import type { Gets } from '#contracts/rpc';
import { SessionsRpc } from '#contracts/sessions';
import { BusClient } from '#rpc/client';
import { connectBus } from '#rpc/connect';
import { type Person, person, signedIn, visitor } from '../people.js';
import { type Stack, startStack } from '../stack.js';

type CreatedInvitation = Gets<typeof PeopleRpc.inviteMember>;

let stack: Stack;
let bus: NatsConnection;
let client: BusClient;
let db: Client;
let owner: Person;
beforeAll(async () => {
  stack = await startStack();
  bus = await connectBus({ url: stack.servers.nats, name: 'test' });
  client = new BusClient({ connection: bus, service: 'test' });
  db = new Client({ connectionString: stack.servers.postgres, options: '-c search_path=keys' });
  await db.connect();
  owner = await person(stack.url, { email: 'owner@keyward.test', password: PASSWORD });
});
afterAll(async () => {
  await db?.end();
  await bus?.close();
  await stack?.stop();
});

const PASSWORD = 'correct-horse-battery';
let people = 0;
const newEmail = (role: string) => `${role}-${++people}@keyward.test`;
const codeOf = async (reply: Response) => ((await reply.json()) as { code: string }).code;
const invite = async (who: Person, role: string, email = newEmail(role)) =>
  (await (await who.call('POST', '/api/invitations', { email, role })).json()) as CreatedInvitation;
const accept = (token: string, fields: object = {}) =>
  visitor(stack.url).call('POST', '/api/invitations/accept', {
    token,
    name: 'New here',
    password: PASSWORD,
    ...fields,
  });
/** Somebody with a role, who has come in as people do: by an invitation. */
const join = async (role: string, by = owner) =>
  signedIn(stack.url, await accept((await invite(by, role)).token ?? ''));
const roleOf = async (id: string) => (await owner.read<Member>(`/api/members/${id}`)).role;
const anotherTenant = async () => {
  const email = newEmail('stranger');
  const { organization } = await client.call(PeopleRpc.createOrganization, {
    name: 'Another',
    owner: { email, password: PASSWORD },
  });
  return { organization, owner: await person(stack.url, { email, password: PASSWORD }) };
};
const entries = async (action: string, subject: string) =>
  (await db.query('SELECT * FROM audit_event WHERE action = $1 AND subject = $2', [action, subject])).rows;

describe('an invitation', () => {
  it('shows its token once, kept as its SHA-256 only, and makes its holder a member who is signed in', async () => {
    const reply = await owner.call('POST', '/api/invitations', { email: 'ada@keyward.test', role: 'member' });
    expect(reply.status).toBe(201);
    expect(reply.headers.get('cache-control')).toBe('no-store');
    const { token = '', id, expires_at, created_at } = (await reply.json()) as CreatedInvitation;
    expect(Date.parse(expires_at) - Date.parse(created_at)).toBe(7 * 86_400_000);
    const list = await (await owner.call('GET', '/api/invitations')).text();
    expect(list).toContain(id);
    expect(list).not.toContain(token);
    const dump = JSON.stringify((await db.query('SELECT * FROM invitation, audit_event')).rows);
    expect(dump).not.toContain(token);

    const ada = await signedIn(stack.url, await accept(token, { name: 'Ada' }));
    expect(ada.member).toMatchObject({ email: 'ada@keyward.test', name: 'Ada', role: 'member' });
    expect((await ada.call('GET', '/api/session')).status).toBe(200);
    expect((await person(stack.url, { email: 'ADA@keyward.test', password: PASSWORD })).member.id).toBe(ada.member.id);
    expect(await entries('member.invite', id)).toMatchObject([{ actor: `member:${owner.member.id}` }]);
    expect(await entries('member.join', ada.member.id)).toMatchObject([
      { actor: `member:${ada.member.id}`, after: { role: 'member', invitation_id: id } },
    ]);
    const { data } = await owner.read<{ data: Invitation[] }>('/api/invitations');
    expect(data.find((each) => each.id === id)?.status).toBe('accepted');
  });

  it('lets one in, also where many come at once', async () => {
    const { token = '' } = await invite(owner, 'member');
    const replies = await Promise.all(Array.from({ length: 5 }, () => accept(token)));
    expect(replies.map((reply) => reply.status).sort()).toEqual([200, 404, 404, 404, 404]);
    expect((await accept(token)).status).toBe(404);
  });

  it('is refused alike when unknown, revoked or a week old', async () => {
    const [revoked, old] = [await invite(owner, 'member'), await invite(owner, 'member')];
    expect((await owner.call('DELETE', `/api/invitations/${revoked.id}`)).status).toBe(204);
    expect((await owner.call('DELETE', `/api/invitations/${revoked.id}`)).status).toBe(404);
    await db.query('UPDATE invitation SET expires_at = now() WHERE id = $1', [old.id]);
    const answers = [];
    for (const token of [revoked.token, old.token, `kwi_${'x'.repeat(43)}`]) {
      const reply = await accept(token ?? '');
      answers.push([reply.status, ((await reply.json()) as { detail: string }).detail]);
    }
    expect(new Set(answers.map(String)).size).toBe(1);
    expect(answers[0]?.[0]).toBe(404);
  });

  it('is refused for somebody who is a member or invited already, in any letters', async () => {
    for (const email of ['owner@keyward.test', 'OWNER@keyward.test']) {
      const reply = await owner.call('POST', '/api/invitations', { email, role: 'member' });
      expect(reply.status).toBe(409);
      expect(await reply.json()).toMatchObject({ code: 'conflict', param: 'email' });
    }
    const { email } = await invite(owner, 'member');
    expect((await owner.call('POST', '/api/invitations', { email, role: 'viewer' })).status).toBe(409);
    const [a, b] = await Promise.all(
      [1, 2].map(() => owner.call('POST', '/api/invitations', { email: 'twice@keyward.test', role: 'viewer' })),
    );
    expect([a?.status, b?.status].sort()).toEqual([201, 409]);
  });

  it('tells nothing of other tenants, and cannot make one e-mail two members', async () => {
    const stranger = await anotherTenant();
    const { token = '' } = await invite(owner, 'member', stranger.owner.member.email);
    expect(token).toMatch(/^kwi_/);
    expect((await accept(token)).status).toBe(409);
  });

  it('is worth no more than whoever gave it: nothing once they are removed or may not give the role any more', async () => {
    const [removed, demoted] = [await join('admin'), await join('admin')];
    const [a, b] = [await invite(removed, 'viewer'), await invite(demoted, 'viewer')];
    await owner.call('DELETE', `/api/members/${removed.member.id}`);
    await owner.call('PATCH', `/api/members/${demoted.member.id}`, { role: 'member' });
    expect((await accept(a.token ?? '')).status).toBe(404);
    expect((await accept(b.token ?? '')).status).toBe(404);
  });

  it('asked for twice with one Idempotency-Key is one, and its token is told once', async () => {
    const body = { email: newEmail('member'), role: 'member' };
    const ask = () => owner.call('POST', '/api/invitations', body, { 'idempotency-key': 'invite-once' });
    const [first, again] = [await (await ask()).json(), await (await ask()).json()] as CreatedInvitation[];
    expect(again?.id).toBe(first?.id);
    expect(first?.token).toBeDefined();
    expect(again?.token).toBeUndefined();
  });
});

describe('roles', () => {
  it.each([
    ['admin', 'admin', 201],
    ['admin', 'member', 201],
    ['admin', 'owner', 403],
    ['member', 'viewer', 403],
    ['viewer', 'viewer', 403],
    ['owner', 'owner', 201],
  ])('%s invites %s: %i', async (role, invited, status) => {
    const who = role === 'owner' ? owner : await join(role);
    const reply = await who.call('POST', '/api/invitations', { email: newEmail(invited), role: invited });
    expect(reply.status).toBe(status);
  });

  it.each([
    ['admin', 'member', 'admin', 200],
    ['admin', 'member', 'owner', 403],
    ['admin', 'owner', 'member', 403],
    ['member', 'viewer', 'member', 403],
    ['viewer', 'viewer', 'owner', 403],
    ['owner', 'owner', 'viewer', 200],
  ])('%s makes %s %s: %i', async (role, from, to, status) => {
    const who = role === 'owner' ? owner : await join(role);
    const other = await join(from);
    expect((await who.call('PATCH', `/api/members/${other.member.id}`, { role: to })).status).toBe(status);
    expect(await roleOf(other.member.id)).toBe(status === 200 ? to : from);
  });

  it('nobody raises themselves', async () => {
    for (const role of ['admin', 'member', 'viewer']) {
      const who = await join(role);
      expect((await who.call('PATCH', `/api/members/${who.member.id}`, { role: 'owner' })).status).toBe(403);
      expect(await roleOf(who.member.id)).toBe(role);
    }
  });

  it('everybody may change their own name, and nobody another’s whom they do not manage', async () => {
    const [viewer, member] = [await join('viewer'), await join('member')];
    const reply = await viewer.call('PATCH', `/api/members/${viewer.member.id}`, { name: 'Grace' });
    expect(await reply.json()).toMatchObject({ name: 'Grace', role: 'viewer', revision: 2 });
    expect((await member.call('PATCH', `/api/members/${viewer.member.id}`, { name: 'Rude' })).status).toBe(403);
    expect(await entries('member.update', viewer.member.id)).toMatchObject([
      { before: { name: 'New here' }, after: { name: 'Grace' } },
    ]);
  });

  it('take effect with the next request', async () => {
    const admin = await join('admin');
    await owner.call('PATCH', `/api/members/${admin.member.id}`, { role: 'viewer' });
    expect((await admin.call('POST', '/api/invitations', { email: newEmail('x'), role: 'viewer' })).status).toBe(403);
  });

  it('a key with admin stands where an admin does', async () => {
    const key = await stack.admin.createKey({ scopes: ['admin'] });
    const asKey = { actor: `key:${key.id}` };
    const organization_id = owner.member.organization_id;
    const ask = (role: 'owner' | 'viewer') =>
      client.call(PeopleRpc.inviteMember, { organization_id, email: newEmail(role), role }, asKey);
    await expect(ask('owner')).rejects.toMatchObject({ code: 'permission_denied' });
    expect((await ask('viewer')).status).toBe('open');
  });
});

describe('a member who is removed', () => {
  it('is signed out at once everywhere, can sign in no more, and leaves their keys behind', async () => {
    const ada = await join('member');
    const again = await person(stack.url, { email: ada.member.email, password: PASSWORD });
    const key = (await (await ada.call('POST', '/api/api-keys', { name: 'ada’s' })).json()) as { id: string };
    expect((await owner.call('DELETE', `/api/members/${ada.member.id}`)).status).toBe(204);
    for (const session of [ada, again]) expect((await session.call('GET', '/api/session')).status).toBe(401);
    const back = await visitor(stack.url).call('POST', '/api/session', { email: ada.member.email, password: PASSWORD });
    expect(await codeOf(back)).toBe('invalid_credentials');
    expect((await owner.call('GET', `/api/members/${ada.member.id}`)).status).toBe(404);
    expect((await owner.call('GET', `/api/api-keys/${key.id}`)).status).toBe(200);
    const [entry] = await entries('member.remove', ada.member.id);
    expect(entry.after.sessions_ended).toHaveLength(2);
    // What they did under another name, over the bus, does not work either.
    const asAda = client.call(
      PeopleRpc.updateMember,
      { organization_id: owner.member.organization_id, member_id: ada.member.id, name: 'Ghost' },
      { actor: `member:${ada.member.id}` },
    );
    await expect(asAda).rejects.toMatchObject({ code: 'forbidden' });
  });

  it('can be invited again, as somebody new', async () => {
    const ada = await join('member');
    await owner.call('DELETE', `/api/members/${ada.member.id}`);
    const { token = '' } = await invite(owner, 'viewer', ada.member.email);
    const back = await signedIn(stack.url, await accept(token));
    expect(back.member.id).not.toBe(ada.member.id);
  });

  it('is refused even with a session that somehow stayed open', async () => {
    const ada = await join('member');
    await db.query('UPDATE member SET removed_at = now() WHERE id = $1', [ada.member.id]);
    expect((await ada.call('GET', '/api/session')).status).toBe(401);
  });
});

describe('the last owner', () => {
  it('can be neither removed nor demoted', async () => {
    const { owner: only } = await anotherTenant();
    const path = `/api/members/${only.member.id}`;
    for (const reply of [await only.call('DELETE', path), await only.call('PATCH', path, { role: 'admin' })])
      expect(reply.status).toBe(409);
    expect(await only.read(path)).toMatchObject({ role: 'owner' });
  });

  it('stays, also where owners demote and remove each other at the same moment', async () => {
    for (let round = 0; round < 5; round++) {
      const { owner: first, organization } = await anotherTenant();
      const owners = [first, await join('owner', first), await join('owner', first)];
      await Promise.all(
        owners.flatMap((who) =>
          owners.map((other, i) =>
            i % 2
              ? who.call('DELETE', `/api/members/${other.member.id}`)
              : who.call('PATCH', `/api/members/${other.member.id}`, { role: 'viewer' }),
          ),
        ),
      );
      const { rows } = await db.query(
        "SELECT count(*) FROM member WHERE organization_id = $1 AND role = 'owner' AND removed_at IS NULL",
        [organization.id],
      );
      expect(Number(rows[0].count)).toBe(1);
    }
  });
});

describe('tenants', () => {
  it('are made by services of the platform, with an owner and a project', async () => {
    const { owner: stranger, organization } = await anotherTenant();
    expect(await stranger.read('/api/organization')).toMatchObject({ id: organization.id, name: 'Another' });
    const { data } = await stranger.read<{ data: object[] }>('/api/projects');
    expect(data).toMatchObject([{ name: 'Default', profile: 'keyward', plan: 'free', keys: { used: 0, allowed: 20 } }]);
    const nobody = { email: newEmail('nobody'), password: PASSWORD };
    const asMember = client.call(
      PeopleRpc.createOrganization,
      { name: 'Mine', owner: nobody },
      { actor: `member:${stranger.member.id}` },
    );
    await expect(asMember).rejects.toMatchObject({ code: 'forbidden' });
    const taken = { name: 'Taken', owner: { email: stranger.member.email, password: PASSWORD } };
    await expect(client.call(PeopleRpc.createOrganization, taken)).rejects.toMatchObject({ code: 'conflict' });
  });

  it('one made twice with one Idempotency-Key is one, and no digest of the password is kept', async () => {
    const asked = { name: 'Once', owner: { email: newEmail('once'), password: 'a password kept nowhere' } };
    const options = { idempotencyKey: 'organization-once' };
    const first = await client.call(PeopleRpc.createOrganization, asked, options);
    expect(await client.call(PeopleRpc.createOrganization, asked, options)).toEqual(first);
    const other = { ...asked, owner: { ...asked.owner, password: 'another password' } };
    expect(await client.call(PeopleRpc.createOrganization, other, options)).toEqual(first);
  });

  it('do not see each other: every id of another is not found', async () => {
    const { owner: stranger } = await anotherTenant();
    const mine = await join('member');
    const { data: sessions } = await mine.read<{ data: { id: string }[] }>('/api/sessions');
    const invitation = await invite(owner, 'member');
    const { data: projects } = await owner.read<{ data: { id: string }[] }>('/api/projects');
    const member = `/api/members/${mine.member.id}`;
    const project = `/api/projects/${projects[0]?.id}`;
    const asked: [string, string, object?][] = [
      ['GET', member],
      ['GET', `${member}/sessions`],
      ['PATCH', member, { role: 'viewer' }],
      ['DELETE', member],
      ['DELETE', `/api/sessions/${sessions[0]?.id}`],
      ['DELETE', `/api/invitations/${invitation.id}`],
      ['GET', project],
      ['PATCH', project, { name: 'Taken over' }],
      ['DELETE', project],
    ];
    for (const [method, path, body] of asked) {
      const reply = await stranger.call(method, path, body);
      expect([method, path, reply.status]).toEqual([method, path, 404]);
    }
    expect((await mine.call('GET', '/api/session')).status).toBe(200);
    const asStranger = client.call(
      SessionsRpc.listSessions,
      { organization_id: owner.member.organization_id, member_id: mine.member.id },
      { actor: `member:${stranger.member.id}` },
    );
    await expect(asStranger).rejects.toMatchObject({ code: 'forbidden' });
  });
});

describe('changes of people', () => {
  it('are refused where somebody else was faster', async () => {
    const ada = await join('member');
    const path = `/api/members/${ada.member.id}`;
    const etag = (await owner.call('GET', path)).headers.get('etag') ?? '';
    expect((await owner.call('PATCH', path, { name: 'Ada' }, { 'if-match': etag })).status).toBe(200);
    expect((await owner.call('PATCH', path, { name: 'Bob' }, { 'if-match': etag })).status).toBe(412);
    expect((await owner.call('DELETE', path, undefined, { 'if-match': etag })).status).toBe(412);
  });

  it('the organization is renamed by those who manage it', async () => {
    const reply = await owner.call('PATCH', '/api/organization', { name: 'Renamed', leak_policy: 'flag' });
    const body = (await reply.json()) as { id: string; revision: number };
    expect(body).toMatchObject({ name: 'Renamed', leak_policy: 'flag' });
    const [entry] = await entries('organization.update', body.id);
    expect(entry).toMatchObject({
      before: { name: 'My organization' },
      after: { name: 'Renamed', leak_policy: 'flag' },
    });
    const member = await join('member');
    expect((await member.call('PATCH', '/api/organization', { name: 'Mine' })).status).toBe(403);
    expect((await member.call('GET', '/api/organization')).headers.get('etag')).toMatch(`"${body.revision}`);
  });

  it('unknown fields and wrong ids are refused by name', async () => {
    const reply = await owner.call('PATCH', `/api/members/${owner.member.id}`, { rolle: 'viewer' });
    expect(await reply.json()).toMatchObject({ code: 'invalid_request', param: 'rolle' });
    expect((await owner.call('GET', '/api/members/prj_01JD3Q0YV6Z0C7M1W8K2R5T9XA')).status).toBe(400);
    expect((await owner.call('GET', '/api/members?limitt=3')).status).toBe(400);
  });

  it('lists come in pages', async () => {
    const seen: string[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const query: string = cursor ? `&cursor=${cursor}` : '';
      const page: { data: Member[]; has_more: boolean; next_cursor: string | null } = await owner.read(
        `/api/members?limit=7${query}`,
      );
      expect(page.has_more).toBe(page.next_cursor !== null);
      seen.push(...page.data.map((member) => member.id));
      cursor = page.next_cursor;
    }
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen).toEqual([...seen].sort());
    expect(seen).toContain(owner.member.id);
  });
});
