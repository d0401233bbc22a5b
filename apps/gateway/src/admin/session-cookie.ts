import { jwtVerify, SignJWT } from 'jose';

const COOKIE = 'token';

/** The cookie is a JWT that names a session; whether the session still lives is for the keys service to say. */
export class SessionCookie {
  constructor(
    private readonly signingKey: Uint8Array,
    private readonly secure: boolean,
  ) {}

  async write(sessionId: string, memberId: string, expiresAt: Date): Promise<string> {
    const token = await new SignJWT({ sid: sessionId })
      .setProtectedHeader({ alg: 'HS256' })
      .setSubject(memberId)
      .setExpirationTime(expiresAt)
      .sign(this.signingKey);
    return this.cookie(token, `Expires=${expiresAt.toUTCString()}`);
  }

  clear(): string {
    return this.cookie('', 'Max-Age=0');
  }

  /** The session a request names; null where its cookie is missing, forged or expired. */
  async read(header: string | undefined): Promise<string | null> {
    const token = header?.match(/(?:^|;\s*)token=([^;]+)/)?.[1];
    if (!token) return null;
    try {
      const { payload } = await jwtVerify(token, this.signingKey, { algorithms: ['HS256'] });
      return typeof payload.sid === 'string' ? payload.sid : null;
    } catch {
      return null;
    }
  }

  private cookie(value: string, life: string): string {
    return `${COOKIE}=${value}; Path=/api; HttpOnly; SameSite=Strict; ${life}${this.secure ? '; Secure' : ''}`;
  }
}
