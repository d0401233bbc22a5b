import { type KeyObject, verify } from 'node:crypto';

/** Whether these very bytes were signed: ECDSA over P-256 with SHA-256, DER in base64. */
export function isSigned(body: Uint8Array, signature: string, key: KeyObject): boolean {
  if (key.asymmetricKeyType !== 'ec' || key.asymmetricKeyDetails?.namedCurve !== 'prime256v1') return false;
  return verify('sha256', body, { key, dsaEncoding: 'der' }, Buffer.from(signature, 'base64'));
}
