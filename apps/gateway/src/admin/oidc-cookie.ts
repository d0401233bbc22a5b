import { jwtVerify, SignJWT } from 'jose';
import type { UnderWay } from './oidc-provider.js';

const COOKIE = 'oidc';
const LIFE_SECONDS = 600;

/**
 * Holds a sign-in while its person is at the provider. SameSite=Lax, because the provider sends them back from another
 * site; bound to this browser, so that nobody is signed in with what somebody else began.
 */
export class OidcCookie {
  constructor(
    private readonly signingKey: Uint8Array,
    private readonly secure: boolean,
  ) {}

  async write({ state, nonce, verifier }: UnderWay): Promise<string> {
    const token = await new SignJWT({ state, nonce, verifier })
      .setProtectedHeader({ alg: 'HS256' })
      .setExpirationTime(`${LIFE_SECONDS}s`)
      .sign(this.signingKey);
    return this.cookie(token, LIFE_SECONDS);
  }

  clear(): string {
    return this.cookie('', 0);
  }

  /** Null where there is none, or it is forged, or too old. */
  async read(header: string | undefined): Promise<UnderWay | null> {
    const token = header?.match(/(?:^|;\s*)oidc=([^;]+)/)?.[1];
    if (!token) return null;
    try {
      const { payload } = await jwtVerify(token, this.signingKey, { algorithms: ['HS256'] });
      const { state, nonce, verifier } = payload;
      if (typeof state !== 'string' || typeof nonce !== 'string' || typeof verifier !== 'string') return null;
      return { state, nonce, verifier };
    } catch {
      return null;
    }
  }

  private cookie(value: string, seconds: number): string {
    const secure = this.secure ? '; Secure' : '';
    return `${COOKIE}=${value}; Path=/api/session/oidc; HttpOnly; SameSite=Lax; Max-Age=${seconds}${secure}`;
  }
}
