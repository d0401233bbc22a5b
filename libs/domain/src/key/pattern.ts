import { LETTERS, type SecretFormat } from './secret.js';

/** The regular expression that finds a profile's keys in other text: what secret scanners look for. */
export function patternOf({ prefix, alphabet, length }: SecretFormat): string {
  return `\\b${prefix}[${CLASSES[alphabet]}]{${length}}\\b`;
}

/** Of the very letters secrets are minted from. */
const CLASSES: Record<keyof typeof LETTERS, string> = { base62: '0-9A-Za-z', hex: '0-9a-f' };
