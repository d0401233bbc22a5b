import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { Browser, startProvider, type TestProvider } from '../oidc.js';
import { type Person, person, signedIn, visitor } from '../people.js';
import { type Stack, startStack } from '../stack.js';

const PASSWORD = 'correct-horse-battery';

let provider: TestProvider;
let stack: Stack;
let url: string;
let db: Client;
let owner: Person;
beforeAll(async () => {
  provider = await startProvider();
  stack = await startStack();
  url = (await stack.startGateway(provider.env)).url as string;
  provider.serve(`${url}/api/session/oidc/callback`);
  db = new Client({ connectionString: stack.servers.postgres, options: '-c search_path=keys' });
  await db.connect();
  owner = await person(url, { email: 'owner@keyward.test', password: PASSWORD });
});
afterAll(async () => {
  await db?.end();
  await stack?.stop();
  await provider?.stop();
});

const begin = () => `${url}/api/session/oidc`;
/** The whole way, as a browser goes it. */
const signIn = async (login: string, browser = new Browser(login)) => {
  const start = (await browser.get(begin())).headers.get('location') ?? '';
  const reply = await browser.get(await browser.signInAt(provider.issuer, start));
  return { reply, browser, whoami: () => browser.get(`${url}/api/session`) };
};
const memberOf = async (whoami: () => Promise<Response>) =>
  ((await (await whoami()).json()) as { member: { id: string; email: string; name: string; role: string } }).member;
const invite = (email: string, role = 'member') => owner.call('POST', '/api/invitations', { email, role });
const rows = async (text: string, values: unknown[]) => (await db.query(text, values)).rows;

describe('which ways there are to sign in', () => {
  it('is told to anybody, and the provider is one only where there is one', async () => {
    const ask = async (at: string) => (await visitor(at).call('GET', '/api/session/methods')).json();
    expect(await ask(url)).toEqual({ password: true, oidc: '/api/session/oidc' });
    expect(await ask(stack.url)).toEqual({ password: true, oidc: null });
    expect((await visitor(stack.url).call('GET', '/api/session/oidc')).status).toBe(404);
  });
});

describe('on the way to the provider', () => {
  it('everything is bound: state, nonce and PKCE go along, and their cookie is read by no script', async () => {
    const reply = await visitor(url).call('GET', '/api/session/oidc');
    expect(reply.status).toBe(303);
    const there = new URL(reply.headers.get('location') ?? '');
    expect(there.origin).toBe(provider.issuer);
    expect(Object.fromEntries(there.searchParams)).toMatchObject({
      response_type: 'code',
      code_challenge_method: 'S256',
      redirect_uri: `${url}/api/session/oidc/callback`,
      state: expect.stringMatching(/.{20}/),
      nonce: expect.stringMatching(/.{20}/),
      code_challenge: expect.stringMatching(/.{40}/),
    });
    const cookie = reply.headers.get('set-cookie') ?? '';
    for (const flag of ['HttpOnly', 'SameSite=Lax', 'Path=/api/session/oidc', 'Max-Age=600'])
      expect(cookie).toContain(flag);
  });
});

describe('a member whom the provider vouches for', () => {
  it('is signed in by their verified e-mail, linked, and known by the provider’s name for them from then on', async () => {
    const { reply, browser, whoami } = await signIn('owner');
    expect(reply.status).toBe(303);
    expect(reply.headers.get('location')).toBe('/');
    expect(reply.headers.getSetCookie().find((cookie) => cookie.startsWith('token='))).toContain('SameSite=Strict');
    expect(browser.cookie(url, 'oidc')).toBeUndefined();
    expect((await memberOf(whoami)).id).toBe(owner.member.id);
    const [linked] = await rows('SELECT external_identity FROM member WHERE id = $1', [owner.member.id]);
    expect(linked.external_identity).toBe(`${provider.issuer} owner`);
    const [session] = await rows("SELECT * FROM audit_event WHERE action = 'session.sign_in' ORDER BY seq DESC", []);
    expect(session).toMatchObject({ actor: `member:${owner.member.id}`, after: { by: 'oidc' } });

    // Their e-mail may change at the provider; they do not.
    provider.people.set('owner', { email: 'married@keyward.test', email_verified: false });
    expect((await memberOf((await signIn('owner')).whoami)).id).toBe(owner.member.id);
    provider.people.delete('owner');
    // The password goes on working.
    expect((await person(url, { email: 'owner@keyward.test', password: PASSWORD })).member.id).toBe(owner.member.id);
  });

  it('is refused as somebody else with the same e-mail', async () => {
    provider.people.set('impostor', { email: 'owner@keyward.test' });
    const { reply, whoami } = await signIn('impostor');
    expect(reply.status).toBe(403);
    expect((await whoami()).status).toBe(401);
  });

  it('is refused where the e-mail is not verified', async () => {
    provider.people.set('claims-it', { email: 'owner@keyward.test', email_verified: false });
    expect((await signIn('claims-it')).reply.status).toBe(403);
    await invite('unverified@keyward.test');
    provider.people.set('unverified', { email: 'unverified@keyward.test', email_verified: undefined });
    expect((await signIn('unverified')).reply.status).toBe(403);
  });

  it('who was removed does not come back', async () => {
    await invite('leaver@keyward.test');
    const member = await memberOf((await signIn('leaver')).whoami);
    expect((await owner.call('DELETE', `/api/members/${member.id}`)).status).toBe(204);
    expect((await signIn('leaver')).reply.status).toBe(403);
  });
});

describe('somebody new', () => {
  it('comes in by an open invitation for their e-mail, with its role, and without a password', async () => {
    await invite('Grace@keyward.test', 'viewer');
    provider.people.set('grace', { name: 'Grace Hopper' });
    const { whoami } = await signIn('grace');
    const member = await memberOf(whoami);
    expect(member).toMatchObject({ email: 'Grace@keyward.test', name: 'Grace Hopper', role: 'viewer' });
    const guess = { email: 'grace@keyward.test', password: 'null' };
    expect((await visitor(url).call('POST', '/api/session', guess)).status).toBe(401);
    expect(
      await rows('SELECT 1 FROM invitation WHERE email = $1 AND accepted_at IS NOT NULL', [member.email]),
    ).toHaveLength(1);
    expect((await memberOf((await signIn('grace')).whoami)).id).toBe(member.id);
  });

  it('is refused without one, and with one that was revoked or is a week old', async () => {
    expect((await signIn('stranger')).reply.status).toBe(403);
    const revoked = (await (await invite('revoked@keyward.test')).json()) as { id: string };
    await owner.call('DELETE', `/api/invitations/${revoked.id}`);
    expect((await signIn('revoked')).reply.status).toBe(403);
    await invite('late@keyward.test');
    await db.query("UPDATE invitation SET expires_at = now() WHERE email = 'late@keyward.test'");
    expect((await signIn('late')).reply.status).toBe(403);
  });

  it('coming twice at the same moment is one member', async () => {
    await invite('twice@keyward.test');
    const [a, b] = await Promise.all([signIn('twice'), signIn('twice')]);
    // The second may come while the first is being made; it is told to try again, never made another.
    expect([a, b].filter(({ reply }) => reply.status === 303).length).toBeGreaterThan(0);
    expect((await signIn('twice')).reply.status).toBe(303);
    expect(await rows("SELECT id FROM member WHERE lower(email) = 'twice@keyward.test'", [])).toHaveLength(1);
  });
});

describe('a sign-in that somebody meddles with', () => {
  const wayBack = async (browser: Browser) => {
    const start = (await browser.get(begin())).headers.get('location') ?? '';
    return browser.signInAt(provider.issuer, start);
  };

  it('is refused in a browser that did not begin it', async () => {
    const back = await wayBack(new Browser('owner'));
    expect((await fetch(back, { redirect: 'manual' })).status).toBe(401);
    // Another one, in the middle of a sign-in of its own: the state does not fit.
    const other = new Browser('owner');
    await other.get(begin());
    expect((await other.get(back)).status).toBe(401);
  });

  it('serves once', async () => {
    const browser = new Browser('owner');
    const back = await wayBack(browser);
    const cookie = `oidc=${browser.cookie(url, 'oidc')}`;
    expect((await browser.get(back)).status).toBe(303);
    expect((await browser.get(back)).status).toBe(401);
    expect((await fetch(back, { redirect: 'manual', headers: { cookie } })).status).toBe(401);
  });

  it('is refused with a code of one’s own making, or a refusal of the provider', async () => {
    for (const change of [
      (back: URL) => back.searchParams.set('code', 'made-up'),
      (back: URL) => back.searchParams.set('state', 'made-up'),
      (back: URL) => {
        back.searchParams.delete('code');
        back.searchParams.set('error', 'access_denied');
      },
    ]) {
      const browser = new Browser('owner');
      const back = new URL(await wayBack(browser));
      change(back);
      const reply = await browser.get(back.href);
      expect(reply.status).toBe(401);
      expect(await reply.text()).not.toContain('made-up');
      expect(browser.cookie(url, 'token')).toBeUndefined();
    }
  });
});

describe('the settings of the provider', () => {
  it('take plain http within this machine only, and need a client id', async () => {
    const elsewhere = { ...provider.env, KEYWARD_OIDC_ISSUER: 'http://idp.example' };
    await expect(stack.startGateway(elsewhere)).rejects.toThrow(/KEYWARD_OIDC_ISSUER must be an https URL/);
    const nobody = { ...provider.env, KEYWARD_OIDC_CLIENT_ID: '' };
    await expect(stack.startGateway(nobody)).rejects.toThrow(/KEYWARD_OIDC_CLIENT_ID/);
  });

  it('a provider that is away is an outage, not a refusal', async () => {
    const away = await stack.startGateway({ ...provider.env, KEYWARD_OIDC_ISSUER: 'http://127.0.0.1:9' });
    const reply = await visitor(away.url as string).call('GET', '/api/session/oidc');
    expect(reply.status).toBe(503);
    await signedIn(
      away.url as string,
      await visitor(away.url as string).call('POST', '/api/session', {
        email: 'owner@keyward.test',
        password: PASSWORD,
      }),
    );
  });
});
