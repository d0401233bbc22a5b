import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair } from 'jose';
import { Provider } from 'oidc-provider';

/** What the provider says of somebody. */
type Claims = Record<string, unknown>;

export interface TestProvider {
  readonly issuer: string;
  /** Settings of a gateway that signs people in with it. */
  readonly env: NodeJS.ProcessEnv;
  /** By login name; whoever is not here has an e-mail of that name, verified. */
  readonly people: Map<string, Claims>;
  /** To be called when the gateway's address is known: the provider sends nobody anywhere else. */
  serve(redirectUri: string): void;
  stop(): Promise<void>;
}

const CLIENT = { client_id: 'keyward', client_secret: 'a secret between the two of them' };

/** A real OpenID provider on loopback, with its own forms to sign in and to consent. */
export async function startProvider(): Promise<TestProvider> {
  let handle: ReturnType<Provider['callback']> = (_, response) => response.writeHead(503).end();
  const server = createServer((request, response) => handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  const signingKey = { ...(await exportJWK(privateKey)), kid: 'test', alg: 'RS256', use: 'sig' };
  const people = new Map<string, Claims>();
  return {
    issuer,
    people,
    env: {
      KEYWARD_OIDC_ISSUER: issuer,
      KEYWARD_OIDC_CLIENT_ID: CLIENT.client_id,
      KEYWARD_OIDC_CLIENT_SECRET: CLIENT.client_secret,
    },
    serve: (redirectUri) => {
      const provider = new Provider(issuer, {
        clients: [{ ...CLIENT, redirect_uris: [redirectUri] }],
        claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
        pkce: { required: () => true },
        jwks: { keys: [signingKey] },
        ttl: { Interaction: 600, Session: 600, Grant: 600, AccessToken: 600, IdToken: 600 },
        cookies: { keys: ['only for this test'] },
        findAccount: async (_, id) => ({
          accountId: id,
          claims: async () => ({ sub: id, email: `${id}@keyward.test`, email_verified: true, ...people.get(id) }),
        }),
      });
      handle = provider.callback();
    },
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A browser, as far as signing in needs one: it keeps cookies, follows redirects and fills in the provider's forms. */
export class Browser {
  private readonly jars = new Map<string, Map<string, string>>();

  constructor(private readonly login: string) {}

  cookie(url: string, name: string): string | undefined {
    return this.jars.get(new URL(url).origin)?.get(name);
  }

  async get(url: string, init: RequestInit = {}): Promise<Response> {
    const { origin } = new URL(url);
    const jar = this.jars.get(origin) ?? new Map<string, string>();
    this.jars.set(origin, jar);
    const cookie = [...jar].map((pair) => pair.join('=')).join('; ');
    const reply = await fetch(url, { ...init, redirect: 'manual', headers: { cookie } });
    for (const set of reply.headers.getSetCookie()) {
      const [name = '', value = ''] = set.split(';')[0]?.split(/=(.*)/s) ?? [];
      if (value === '') jar.delete(name);
      else jar.set(name, value);
    }
    return reply;
  }

  /** To the provider and through its forms; the URL it sends us back to, which is not opened yet. */
  async signInAt(provider: string, start: string): Promise<string> {
    let url = start;
    for (let step = 0; step < 20; step++) {
      const reply = await this.get(url);
      const next = reply.headers.get('location');
      if (next) url = new URL(next, url).href;
      else url = await this.submit(url, await reply.text());
      if (new URL(url).origin !== provider) return url;
    }
    throw new Error('the provider sends us in circles');
  }

  private async submit(url: string, page: string): Promise<string> {
    const prompt = /name="prompt" value="(\w+)"/.exec(page)?.[1];
    if (!prompt) throw new Error(`no form at ${url}: ${page.slice(0, 500)}`);
    const body = new URLSearchParams({ prompt });
    if (prompt === 'login') {
      body.set('login', this.login);
      body.set('password', 'any');
    }
    const reply = await this.get(url, { method: 'POST', body });
    return new URL(reply.headers.get('location') ?? '', url).href;
  }
}
