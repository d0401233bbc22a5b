import {
  AuthorizationResponseError,
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  type ClientAuth,
  ClientSecretBasic,
  ClientSecretPost,
  type Configuration,
  calculatePKCECodeChallenge,
  discovery,
  fetchUserInfo,
  None,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
} from 'openid-client';
import { email as emailSchema, name as nameSchema } from '#contracts/fields';
import { Refused } from '#contracts/refusals';
import type { Asks } from '#contracts/rpc';
import type { SessionsRpc } from '#contracts/sessions';

const TIMEOUT_SECONDS = 5;

export interface OidcSettings {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret?: string;
}

/** What must be remembered of a sign-in while its person is at the provider. */
export interface UnderWay {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

type Vouched = Asks<typeof SessionsRpc.signInExternally>;

/** The OpenID provider of this installation: the authorization code flow, with PKCE, state and nonce. */
export class OidcProvider {
  private discovered?: Promise<Configuration>;

  constructor(private readonly settings: OidcSettings) {}

  async begin(redirectUri: string): Promise<{ url: URL; underWay: UnderWay }> {
    const underWay = { state: randomState(), nonce: randomNonce(), verifier: randomPKCECodeVerifier() };
    const url = buildAuthorizationUrl(await this.discover(), {
      redirect_uri: redirectUri,
      scope: 'openid email profile',
      state: underWay.state,
      nonce: underWay.nonce,
      code_challenge: await calculatePKCECodeChallenge(underWay.verifier),
      code_challenge_method: 'S256',
    });
    return { url, underWay };
  }

  /** Whom the provider vouches for. `callback` is the URL it sent them back to, with what it said. */
  async finish(callback: URL, { state, nonce, verifier }: UnderWay): Promise<Vouched> {
    const provider = await this.discover();
    try {
      const tokens = await authorizationCodeGrant(provider, callback, {
        expectedState: state,
        expectedNonce: nonce,
        pkceCodeVerifier: verifier,
        idTokenExpected: true,
      });
      const said = tokens.claims();
      if (!said) throw new Error('no ID token');
      // Many providers put only the subject into the token, and the e-mail where the token opens the door.
      const more = said.email === undefined ? await fetchUserInfo(provider, tokens.access_token, said.sub) : {};
      return vouched(provider.serverMetadata().issuer, { ...more, ...said });
    } catch (error) {
      throw asRefusal(error);
    }
  }

  /** Asked once, when the first person comes; again after it has failed. */
  private discover(): Promise<Configuration> {
    const { issuer, clientId, clientSecret } = this.settings;
    const url = new URL(issuer);
    this.discovered ??= discovery(url, clientId, undefined, authenticate(clientSecret), {
      timeout: TIMEOUT_SECONDS,
      // Only ever within this machine: the settings allow no other.
      execute: url.protocol === 'http:' ? [allowInsecureRequests] : [],
    }).catch((cause: unknown) => {
      this.discovered = undefined;
      throw new Refused('service_unavailable', { message: 'The OpenID provider cannot be reached.', cause });
    });
    return this.discovered;
  }
}

/** The way the provider names; the basic one where it names none, as the standard has it. */
function authenticate(secret: string | undefined): ClientAuth {
  if (secret === undefined) return None();
  const [basic, post] = [ClientSecretBasic(secret), ClientSecretPost(secret)];
  return (server, client, body, headers) => {
    const { token_endpoint_auth_methods_supported: ways = ['client_secret_basic'] } = server;
    return (ways.includes('client_secret_basic') ? basic : post)(server, client, body, headers);
  };
}

function vouched(issuer: string, claims: Readonly<Record<string, unknown>>): Vouched {
  const email = emailSchema.safeParse(claims.email);
  if (!email.success) throw new Refused('forbidden', { message: 'Your provider does not tell your e-mail.' });
  return {
    issuer,
    subject: String(claims.sub),
    email: email.data,
    // Some write it as a word.
    email_verified: claims.email_verified === true || claims.email_verified === 'true',
    name: nameSchema.safeParse(claims.name).data,
  };
}

function asRefusal(error: unknown): Refused {
  if (error instanceof Refused) return error;
  const { code, name } = (error ?? {}) as { code?: unknown; name?: unknown };
  if (error instanceof AuthorizationResponseError)
    return new Refused('unauthenticated', { message: 'The provider did not sign you in. Try again.', cause: error });
  if (name === 'TypeError' || code === 'OAUTH_TIMEOUT')
    return new Refused('service_unavailable', { message: 'The OpenID provider cannot be reached.', cause: error });
  return new Refused('unauthenticated', { message: 'This sign-in could not be finished. Try again.', cause: error });
}
