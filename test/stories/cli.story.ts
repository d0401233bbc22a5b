import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { chat, eventually, type Stack, startStack } from '../stack.js';

let stack: Stack;
let home: string;
beforeAll(async () => {
  stack = await startStack();
  home = mkdtempSync(join(tmpdir(), 'keyward-cli-'));
});
afterAll(async () => {
  await stack?.stop();
  rmSync(home, { recursive: true, force: true });
});

const COMMAND = join(process.cwd(), 'scripts', 'keyward.mjs');

interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** The command as anybody runs it, in a home of its own, and with no other credentials than these. */
function run(args: string[], env: Record<string, string> = owner(), input = ''): Promise<Ran> {
  const child = spawn(process.execPath, [COMMAND, ...args], {
    cwd: home,
    env: { PATH: process.env.PATH, XDG_CONFIG_HOME: home, KEYWARD_DATA_DIR: home, KEYWARD_URL: stack.url, ...env },
  });
  const said = { out: '', err: '' };
  child.stdout.on('data', (data) => (said.out += data));
  child.stderr.on('data', (data) => (said.err += data));
  child.stdin.end(input);
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, ...said })));
}

const owner = (): Record<string, string> => ({
  KEYWARD_EMAIL: stack.env.KEYWARD_OWNER_EMAIL ?? '',
  KEYWARD_PASSWORD: stack.env.KEYWARD_OWNER_PASSWORD ?? '',
});

async function json(args: string[], env = owner()) {
  const { code, out, err } = await run([...args, '--json'], env);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  return JSON.parse(out);
}

const sessionsOpen = async () => {
  const { data } = (await (await stack.admin.call('GET', '/api/sessions')).json()) as { data: unknown[] };
  return data.length;
};

describe('keyward keys', () => {
  it('create: the secret alone on standard output, so that KEY=$(keyward …) holds it and nothing else', async () => {
    const { code, out, err } = await run(['keys', 'create', '--name', 'piped']);
    expect(code).toBe(0);
    expect(out).toMatch(/^kw_[0-9A-Za-z]{40}\n$/);
    expect(err).toContain('piped');
    expect(err).not.toContain(out.trim());
    expect((await chat(stack.url, out.trim())).status).toBe(200);
    expect(await run(['keys', 'create', '--name', 'quiet', '--quiet'])).toMatchObject({ code: 0, err: '' });
  });

  it('create: every option says what the API says', async () => {
    const key = await json([
      ...['keys', 'create', '--name', 'full', '--scope', 'read', '--scope', 'write', '--tag', 'team=search'],
      ...['--tag', 'env=a=b', '--budget', '10.50', '--recurring', '10/1day', '--rate-limit', '100', '--ttl', '7d'],
    ]);
    expect(key).toMatchObject({
      name: 'full',
      scopes: ['read', 'write'],
      tags: { team: 'search', env: 'a=b' },
      budget: '10.50',
      recurring_limit: { amount: '10.00', every: 1, unit: 'day' },
      rate_limit: 100,
    });
    expect(Date.parse(key.expires_at) - Date.now()).toBeGreaterThan(6.9 * 86_400_000);
    expect(key.key).toMatch(/^kw_/);
  });

  it('create: into a new file that only its owner can read; never over one that is there', async () => {
    const path = join(home, 'secret');
    const made = await run(['keys', 'create', '--name', 'filed', '--output-file', path, '--json']);
    expect(made).toMatchObject({ code: 0, err: '' });
    const secret = readFileSync(path, 'utf8').trim();
    expect(secret).toMatch(/^kw_/);
    expect(made.out).not.toContain(secret);
    expect(statSync(path).mode & 0o777).toBe(0o600);

    const before = (await json(['keys', 'list'])).data.length;
    const again = await run(['keys', 'create', '--name', 'filed twice', '--output-file', path]);
    expect([again.code, again.err]).toEqual([2, expect.stringContaining('it is there already')]);
    // No key whose secret nobody has.
    expect((await json(['keys', 'list'])).data).toHaveLength(before);
    const refused = join(home, 'refused');
    expect((await run(['keys', 'create', '--name', 'filed', '--output-file', refused])).code).toBe(1);
    expect(existsSync(refused)).toBe(false);
  });

  it('create: a repeated request makes nothing, and says that its secret is gone', async () => {
    const args = ['keys', 'create', '--name', 'once', '--idempotency-key', 'deploy-17'];
    expect((await run(args)).code).toBe(0);
    const again = await run(args);
    expect([again.code, again.out]).toEqual([1, '']);
    expect(again.err).toContain('not shown again');
  });

  it('list, get, update, disable, enable, rotate, finish-rotation, reset-usage, delete', async () => {
    const { id, key } = await json(['keys', 'create', '--name', 'walked']);
    const listed = await run(['keys', 'list', '--q', 'walked']);
    expect(listed.out).toMatch(/^ID +NAME +KEY +STATUS/);
    expect(listed.out).toContain(id);
    expect(listed.out).not.toContain(key);
    expect((await run(['keys', 'get', id])).out).toMatch(/status +active/);

    const changed = await json(['keys', 'update', id, '--budget', '3', '--tag', 'a=b', '--ttl', '2h']);
    expect(changed).toMatchObject({ budget: '3.00', tags: { a: 'b' } });
    expect(await json(['keys', 'update', id, '--budget', 'none', '--untag', 'a', '--expires', 'none'])).toMatchObject({
      budget: null,
      tags: {},
      expires_at: null,
    });

    const disabled = await json(['keys', 'disable', id]);
    expect(disabled).toMatchObject({ status: 'disabled', receipt: { gateways: 1, acknowledged: 1 } });
    expect((await chat(stack.url, key)).status).toBe(401);
    expect((await json(['keys', 'enable', id])).status).toBe('active');
    await eventually(
      () => chat(stack.url, key),
      ({ status }) => status === 200,
      2000,
    );

    const rotated = await run(['keys', 'rotate', id, '--grace', '1h', '--quiet']);
    expect(rotated.out).toMatch(/^kw_[0-9A-Za-z]{40}\n$/);
    expect((await chat(stack.url, key)).status).toBe(200);
    await json(['keys', 'finish-rotation', id]);
    expect((await chat(stack.url, key)).status).toBe(401);
    expect((await json(['keys', 'reset-usage', id])).id).toBe(id);

    expect(await json(['keys', 'delete', id])).toMatchObject({ id });
    const gone = await run(['keys', 'get', id]);
    expect([gone.code, gone.out]).toEqual([1, '']);
    expect(gone.err).toMatch(/^keyward: .*\(not_found, req_\w+\)\n$/);
  });

  it('list: every page as one', async () => {
    const all = await json(['keys', 'list', '--all', '--limit', '2']);
    expect(all.data.length).toBeGreaterThan(2);
    expect(all.next_cursor).toBeNull();
    expect((await json(['keys', 'list', '--limit', '2'])).data).toHaveLength(2);
  });
});

describe('keyward projects, members, audit', () => {
  it('projects: create, list, update, delete', async () => {
    const { id } = await json(['projects', 'create', '--name', 'CLI', '--profile', 'doteb', '--plan', 'free']);
    expect((await run(['projects', 'list'])).out).toMatch(new RegExp(`${id} +CLI +doteb +free +0 of 20`));
    expect(await json(['projects', 'update', id, '--rate-limit', '7'])).toMatchObject({ defaults: { rate_limit: 7 } });
    expect((await run(['projects', 'delete', id])).code).toBe(0);
    expect((await run(['projects', 'delete', id])).code).toBe(1);
  });

  it('members: invite, list, update, remove', async () => {
    const invited = await run(['members', 'invite', '--email', 'new@keyward.test', '--role', 'viewer']);
    expect(invited.code).toBe(0);
    const acceptance = { token: invited.out.trim(), name: 'New', password: 'a password of some length' };
    expect((await stack.admin.call('POST', '/api/invitations/accept', acceptance, { cookie: '' })).status).toBe(200);
    const { data } = await json(['members', 'list']);
    const { id } = data.find((member: { email: string }) => member.email === 'new@keyward.test');
    expect(await json(['members', 'update', id, '--role', 'member'])).toMatchObject({ role: 'member' });
    expect((await run(['members', 'remove', id])).code).toBe(0);
  });

  it('audit: list, and verify, which fails where an entry was changed', async () => {
    const { data } = await json(['audit', 'list', '--action', 'key.create', '--limit', '3']);
    expect(data).toHaveLength(3);
    expect(await json(['audit', 'verify'])).toMatchObject({ intact: true });
    const database = new Client({ connectionString: stack.servers.postgres });
    await database.connect();
    const rename = (from: string, to: string) =>
      database.query('UPDATE keys.audit_event SET action = $2 WHERE action = $1', [from, to]);
    await rename('key.create', 'key.created');
    const broken = await run(['audit', 'verify']);
    await rename('key.created', 'key.create');
    await database.end();
    expect([broken.code, broken.err]).toEqual([1, expect.stringContaining('the audit log is broken at entry')]);
    expect(broken.out).toMatch(/intact +no/);
  });
});

describe('credentials', () => {
  it('login keeps a session that only its owner can read, whoami says whose it is, logout ends it', async () => {
    const { KEYWARD_EMAIL: email = '', KEYWARD_PASSWORD: password = '' } = owner();
    const wrong = await run(['login', '--email', email], {}, 'not the password\n');
    expect([wrong.code, wrong.err]).toEqual([1, expect.stringContaining('invalid_credentials')]);
    expect((await run(['login', '--email', email], {}, `${password}\n`)).code).toBe(0);
    const file = join(home, 'keyward', 'sessions.json');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file, 'utf8')).not.toContain(password);
    expect((await run(['whoami'], {})).out).toContain(email);
    // It is for the Keyward it was made at, and no other.
    const elsewhere = await run(['whoami', '--url', stack.url.replace('127.0.0.1', 'localhost')], {});
    expect([elsewhere.code, elsewhere.err]).toEqual([2, expect.stringContaining('no credentials')]);
    const { cookie } = sessionIn(file);
    expect((await run(['logout'], {})).code).toBe(0);
    expect((await fetch(`${stack.url}/api/session`, { headers: { cookie } })).status).toBe(401);
    expect((await run(['whoami'], {})).code).toBe(2);
  });

  it('a password that is typed is not shown, and may be corrected', async () => {
    const { askLine, askPassword } = await import(join(process.cwd(), 'scripts', 'keyward', 'password.mjs'));
    const modes: boolean[] = [];
    const stdin = Object.assign(new PassThrough(), { isTTY: true, setRawMode: (raw: boolean) => modes.push(raw) });
    const stderr = new PassThrough({ encoding: 'utf8' });
    const email = askLine('E-mail: ', { stdin, stderr });
    stdin.write('me@keyward.test\r');
    expect(await email).toBe('me@keyward.test');
    stderr.read();
    modes.length = 0;
    const password = askPassword('Password: ', { stdin, stderr });
    stdin.write('hunX\u007fter');
    stdin.write('2\r');
    expect(await password).toBe('hunter2');
    expect(stderr.read()).toBe('Password: \n');
    expect(modes).toEqual([true, false]);
  });

  it('of one command leave no session behind', async () => {
    const before = await sessionsOpen();
    await json(['keys', 'list']);
    expect(await sessionsOpen()).toBe(before);
  });

  it('of the Keyward that npm start runs here are used for it alone', async () => {
    const { KEYWARD_EMAIL: email, KEYWARD_PASSWORD: password } = owner();
    const ops = Object.fromEntries(Object.values(stack.apps).map(({ name, opsUrl }) => [name, opsUrl]));
    writeFileSync(join(home, 'dev.json'), JSON.stringify({ url: stack.url, owner: { email, password }, ops }));
    try {
      expect((await run(['whoami'], { KEYWARD_URL: '' })).code).toBe(0);
      const other = await run(['whoami', '--url', 'http://127.0.0.2:1'], {});
      expect([other.code, other.err]).toEqual([2, expect.stringContaining('no credentials')]);
      const { ok, checks } = await json(['doctor'], { KEYWARD_URL: '' });
      expect(ok).toBe(true);
      const named = checks.map(({ check }: { check: string }) => check);
      for (const check of [
        'reachable',
        'gateway: nats',
        'keys: postgres',
        'keys: redis',
        'credentials',
        'clock',
        'version',
      ])
        expect(named).toContain(check);
    } finally {
      rmSync(join(home, 'dev.json'));
    }
  });

  it('an API key does what its scopes allow, and no more', async () => {
    const secretOf = async (name: string, scope: string) =>
      (await run(['keys', 'create', '--name', name, '--scope', scope, '--quiet'])).out.trim();
    const reader = { KEYWARD_API_KEY: await secretOf('reader', 'read') };
    const writer = { KEYWARD_API_KEY: await secretOf('writer', 'write') };
    expect((await run(['whoami'], reader)).out).toMatch(/scopes +read/);
    expect((await json(['keys', 'list'], reader)).data.length).toBeGreaterThan(0);
    const refused = await run(['keys', 'create', '--name', 'by a reader'], reader);
    expect([refused.code, refused.err]).toEqual([1, expect.stringContaining('permission_denied')]);
    expect((await run(['keys', 'create', '--name', 'by a writer', '--scope', 'write'], writer)).code).toBe(0);
  });
});

describe('what goes wrong is said in one sentence, with a code for the shell', () => {
  it.each([
    ['a secret in a flag', ['keys', 'create', '--name', 'x', '--key', 'kw_secret'], 2, 'never taken from flags'],
    ['a password in a flag', ['login', '--password=hunter2'], 2, 'never taken from flags'],
    ['a secret for an id', ['keys', 'get', `kw_${'a'.repeat(40)}`], 2, 'looks like a secret'],
    ['an unknown flag', ['keys', 'list', '--bogus'], 2, "Unknown option '--bogus'"],
    ['an unknown command', ['keys', 'destroy'], 2, 'there is no command keys destroy'],
    ['a needed flag that is missing', ['keys', 'create'], 2, '--name is needed'],
    ['an id that is missing', ['keys', 'get'], 2, 'keyward keys get <id>'],
    ['an id of another kind', ['keys', 'get', 'prj_01JD3Q0YV6Z0C7M1W8K2R5T9XA'], 2, 'begins with key_'],
    ['a duration that is none', ['keys', 'create', '--name', 'x', '--ttl', 'soon'], 2, '--ttl must be like'],
    ['a limit that is none', ['keys', 'create', '--name', 'x', '--recurring', '10'], 2, '--recurring must be like'],
    ['what the API refuses', ['keys', 'create', '--name', 'x', '--scope', 'root'], 1, 'invalid_request, req_'],
    ['nobody there', ['keys', 'list', '--url', 'http://127.0.0.1:9'], 3, 'cannot be reached'],
  ])('%s', async (_, args, code, sentence) => {
    const ran = await run(args);
    expect(ran.code).toBe(code);
    expect(ran.out).toBe('');
    expect(ran.err).toContain(sentence);
    expect(ran.err.trim().split('\n')).toHaveLength(1);
    expect(ran.err).not.toMatch(/kw_secret|hunter2|a{40}/);
  });

  it('doctor says which part is not well', async () => {
    const ran = await run(['doctor'], { KEYWARD_API_KEY: 'kw_nonsense' });
    expect([ran.code, ran.err]).toEqual([1, 'keyward: not well: credentials\n']);
    expect(ran.out).toMatch(/reachable +ok/);
    expect((await run(['doctor', '--url', 'http://127.0.0.1:9'])).code).toBe(3);
  });

  it('names of others cannot move the cursor', async () => {
    const { id } = await stack.admin.createKey({ name: 'right\u202eleft' });
    expect((await run(['keys', 'get', id])).out).toContain('right\\u202eleft');
  });
});

function sessionIn(file: string) {
  const [session] = Object.values(JSON.parse(readFileSync(file, 'utf8')) as Record<string, { token: string }>);
  return { cookie: `token=${session?.token}` };
}
