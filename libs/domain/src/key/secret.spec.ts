import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { digestOf, looksMinted, mintSecret, previewOf, type SecretFormat } from '#domain/key/secret';

const checksumKey = Buffer.from('a key for the checksum');
const FORMATS: SecretFormat[] = [
  { prefix: 'kw_', alphabet: 'base62', length: 40 },
  { prefix: 'dos_sk_', alphabet: 'base62', length: 32 },
  { prefix: 'sk-', alphabet: 'hex', length: 64 },
];

describe.each(FORMATS)('a secret with prefix $prefix', (format) => {
  const mint = () => mintSecret(format, checksumKey, randomBytes);

  it('has its profile’s shape', () => {
    const letters = format.alphabet === 'hex' ? '[0-9a-f]' : '[0-9A-Za-z]';
    expect(mint()).toMatch(new RegExp(`^${format.prefix}${letters}{${format.length}}$`));
  });

  it('passes its own checksum, and no other key’s', () => {
    const secret = mint();
    expect(looksMinted(secret, format, checksumKey)).toBe(true);
    expect(looksMinted(secret, format, Buffer.from('another'))).toBe(false);
  });

  it('fails the checksum when any one letter changes', () => {
    const secret = mint();
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: secret.length - 1 }),
        fc.constantFrom('0', '9', 'a', 'f', 'Z', ' ', '\0', 'é'),
        (at, letter) => {
          const changed = secret.slice(0, at) + letter + secret.slice(at + 1);
          expect(looksMinted(changed, format, checksumKey)).toBe(changed === secret);
        },
      ),
    );
  });

  it('shows at most eight letters of its body afterwards', () => {
    const secret = mint();
    const [head = '', tail = ''] = previewOf(secret, format).split('…');
    expect(secret.startsWith(head) && secret.endsWith(tail)).toBe(true);
    expect(head.length - format.prefix.length + tail.length).toBe(8);
  });

  it('is never minted twice', () => {
    expect(new Set(Array.from({ length: 2000 }, mint)).size).toBe(2000);
  });
});

it('is stored as SHA-256', () => {
  expect(digestOf('abc')).toBe(
    Buffer.from('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad', 'hex').toString('base64url'),
  );
});

it('draws every letter equally often', () => {
  const counts = new Map<string, number>();
  const format: SecretFormat = { prefix: '', alphabet: 'base62', length: 10_006 };
  for (const letter of mintSecret(format, checksumKey, randomBytes).slice(0, 10_000))
    counts.set(letter, (counts.get(letter) ?? 0) + 1);
  // 10,000 draws over 62 letters: 161 expected; a biased modulo gives the first eight letters 25 % more.
  const firstEight = [...'01234567'].reduce((sum, letter) => sum + (counts.get(letter) ?? 0), 0);
  expect(firstEight).toBeLessThan((10_000 / 62) * 8 * 1.15);
});
