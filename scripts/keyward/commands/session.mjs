import { signIn } from '../credentials.mjs';
import { Failure } from '../failure.mjs';
import { factsOf, identityOf } from '../identity.mjs';
import { askLine, askPassword } from '../password.mjs';
import { keepSession, readSession } from '../sessions-file.mjs';

export const login = {
  summary: 'Sign in, and stay signed in. The password is asked for, or read from standard input; it is never a flag.',
  options: { email: { type: 'string', value: 'e-mail', help: 'who you are; asked for where left out' } },
  async run({ api, values, output }) {
    const email = values.email ?? process.env.KEYWARD_EMAIL ?? (process.stdin.isTTY ? await askLine('E-mail: ') : '');
    if (!email) throw new Failure('usage', '--email is needed where nobody can be asked');
    const password = process.env.KEYWARD_PASSWORD || (await askPassword('Password: '));
    if (!password) throw new Failure('usage', 'no password was given');
    const { token, member, expires_at } = await signIn(api.ask, { email, password });
    keepSession(api.url, { token, email: member.email, expires_at });
    output.done({ url: api.url, member, expires_at }, `Signed in at ${api.url} as ${member.email}, ${member.role}.`);
  },
};

export const logout = {
  summary: 'End the session of keyward login, here and at the server.',
  async run({ api, output }) {
    const session = readSession(api.url);
    keepSession(api.url, undefined);
    if (session) await api.ask('DELETE', '/api/session', { headers: { cookie: `token=${session.token}` } });
    output.done({ url: api.url, signed_out: session !== undefined }, session ? 'Signed out.' : 'There was no session.');
  },
};

export const whoami = {
  summary: 'Whose credentials these are, and what they may do.',
  async run({ api, output }) {
    const identity = await identityOf(api);
    output.one({ url: api.url, ...identity }, () => ({ url: api.url, ...factsOf(identity) }));
  },
};
