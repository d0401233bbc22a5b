import { createHmac, hash, timingSafeEqual } from 'node:crypto';

/** How a profile's keys look: `prefix` then `length` letters of the alphabet. */
export interface SecretFormat {
  readonly prefix: string;
  readonly alphabet: 'base62' | 'hex';
  readonly length: number;
}

export const LETTERS = {
  base62: '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz',
  hex: '0123456789abcdef',
} as const;

const ONLY = { base62: /^[0-9A-Za-z]+$/, hex: /^[0-9a-f]+$/ } as const;

/** The last letters of every secret are a keyed checksum, so that a guessed or mistyped one costs no look-up. */
const CHECKSUM_LENGTH = 6;

export type Random = (size: number) => Uint8Array;

export function mintSecret(format: SecretFormat, checksumKey: Uint8Array, random: Random): string {
  const text = format.prefix + randomLetters(LETTERS[format.alphabet], format.length - CHECKSUM_LENGTH, random);
  return text + checksumOf(text, format, checksumKey);
}

/** Whether this text could have been minted here: the shape and the checksum are right. Says nothing about being alive. */
export function looksMinted(text: string, format: SecretFormat, checksumKey: Uint8Array): boolean {
  if (text.length !== format.prefix.length + format.length || !text.startsWith(format.prefix)) return false;
  if (!ONLY[format.alphabet].test(text.slice(format.prefix.length))) return false;
  const body = text.slice(0, -CHECKSUM_LENGTH);
  // Compared in constant time: otherwise the checksum could be guessed letter by letter.
  return timingSafeEqual(Buffer.from(text.slice(-CHECKSUM_LENGTH)), Buffer.from(checksumOf(body, format, checksumKey)));
}

/** What is stored and looked up in place of the secret: SHA-256, base64url. */
export function digestOf(secret: string): string {
  return hash('sha256', secret, 'base64url');
}

/** What people see of it afterwards: enough to tell two keys apart, too little to guess. */
export function previewOf(secret: string, format: SecretFormat): string {
  return `${secret.slice(0, format.prefix.length + 4)}…${secret.slice(-4)}`;
}

function checksumOf(body: string, format: SecretFormat, checksumKey: Uint8Array): string {
  const letters = LETTERS[format.alphabet];
  const mac = createHmac('sha256', checksumKey).update(body).digest();
  let rest = mac.readUIntBE(0, 6);
  let checksum = '';
  for (let i = 0; i < CHECKSUM_LENGTH; i++, rest = Math.floor(rest / letters.length))
    checksum += letters[rest % letters.length];
  return checksum;
}

/** Uniform letters: bytes past the last whole multiple are thrown away, or the first letters would come too often. */
function randomLetters(letters: string, count: number, random: Random): string {
  const limit = 256 - (256 % letters.length);
  let text = '';
  while (text.length < count) {
    for (const byte of random(count - text.length + 8)) {
      if (byte < limit && text.length < count) text += letters[byte % letters.length];
    }
  }
  return text;
}
