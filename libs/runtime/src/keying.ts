import { hkdfSync } from 'node:crypto';

/** One root secret, a key of its own for each purpose: knowing one says nothing of another. */
export function deriveKey(
  secret: string,
  purpose: 'key checksum' | 'session cookie' | 'sign-in under way' | 'audit log' | 'webhook secrets' | 'provider keys',
): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', secret, 'keyward', purpose, 32));
}
