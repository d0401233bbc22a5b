import { createCipheriv, createDecipheriv, hash } from 'node:crypto';

/** Whose it is, and where it may go. */
export interface About {
  readonly organizationId: string;
  readonly projectId: string;
  readonly provider: string;
  readonly origin: string;
}

const CIPHER = 'aes-256-gcm';
const TAG_BYTES = 16;
export const NONCE_BYTES = 12;

/** `v1.<key id>.<nonce>.<text and tag>`. A nonce is for one seal only. */
export function seal(secret: string, about: About, key: Uint8Array, nonce: Uint8Array): string {
  const cipher = createCipheriv(CIPHER, key, nonce).setAAD(bytesOf(about));
  const sealed = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  return ['v1', keyIdOf(key), Buffer.from(nonce).toString('base64url'), sealed.toString('base64url')].join('.');
}

/** Null where none of the keys made it, or where it is about something else. Several keys: one may be on its way out. */
export function unseal(text: string, about: About, keys: readonly Uint8Array[]): string | null {
  const [version, keyId, nonce = '', sealed = ''] = text.split('.');
  const key = keys.find((each) => keyIdOf(each) === keyId);
  if (version !== 'v1' || !key) return null;
  const bytes = Buffer.from(sealed, 'base64url');
  try {
    const decipher = createDecipheriv(CIPHER, key, Buffer.from(nonce, 'base64url'), { authTagLength: TAG_BYTES })
      .setAAD(bytesOf(about))
      .setAuthTag(bytes.subarray(-TAG_BYTES));
    return Buffer.concat([decipher.update(bytes.subarray(0, -TAG_BYTES)), decipher.final()]).toString('utf8');
  } catch {
    return null;
  }
}

/** `sk-…wxyz`: enough to tell two apart, and nothing to guess the rest by. */
export function previewOf(secret: string): string {
  return secret.length < 24 ? '…' : `${secret.slice(0, 3)}…${secret.slice(-4)}`;
}

/** As a URL is written does not matter: `https://x` and `https://x/` are one place. */
export function placeOf(origin: string): string {
  const { origin: place, pathname } = new URL(origin);
  return place + pathname.replace(/\/$/, '');
}

function keyIdOf(key: Uint8Array): string {
  return hash('sha256', key, 'base64url').slice(0, 8);
}

function bytesOf({ organizationId, projectId, provider, origin }: About): Buffer {
  return Buffer.from(JSON.stringify([organizationId, projectId, provider, placeOf(origin)]));
}
