import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type About, NONCE_BYTES, previewOf, seal, unseal } from './seal.js';

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const about: fc.Arbitrary<About> = fc.record({
  organizationId: fc.string(),
  projectId: fc.string(),
  provider: fc.string(),
  origin: fc.constantFrom('https://one.test', 'https://two.test/v2', 'http://127.0.0.1:8000'),
});
const key = bytes(32);
const nonce = bytes(NONCE_BYTES);

describe('a sealed secret', () => {
  it('opens with the key that made it, for whom and where it was made for', () => {
    fc.assert(
      fc.property(fc.string(), about, key, key, nonce, (secret, whose, made, other, once) => {
        const sealed = seal(secret, whose, made, once);
        expect(unseal(sealed, whose, [other, made])).toBe(secret);
        expect(unseal(sealed, { ...whose, origin: `${whose.origin}/` }, [made])).toBe(secret);
      }),
    );
  });

  it('stays shut for everybody and everywhere else', () => {
    fc.assert(
      fc.property(fc.string(), about, about, key, key, nonce, (secret, whose, others, made, other, once) => {
        fc.pre(JSON.stringify(whose) !== JSON.stringify(others) && Buffer.compare(made, other) !== 0);
        const sealed = seal(secret, whose, made, once);
        expect(unseal(sealed, others, [made])).toBeNull();
        expect(unseal(sealed, whose, [other])).toBeNull();
        expect(unseal(sealed, whose, [])).toBeNull();
      }),
    );
  });

  it('stays shut where a letter of it was changed', () => {
    const whose = { organizationId: 'o', projectId: 'p', provider: 'x', origin: 'https://x.test' };
    const made = new Uint8Array(32).fill(7);
    const sealed = seal('sk-a-secret-of-somebody', whose, made, new Uint8Array(NONCE_BYTES));
    for (const at of sealed.split('').keys()) {
      const changed = `${sealed.slice(0, at)}${sealed[at] === 'A' ? 'g' : 'A'}${sealed.slice(at + 1)}`;
      if (
        Buffer.from(changed.split('.')[3] ?? '', 'base64url').equals(
          Buffer.from(sealed.split('.')[3] ?? '', 'base64url'),
        ) &&
        changed.split('.').slice(0, 3).join() === sealed.split('.').slice(0, 3).join()
      )
        continue;
      expect([at, unseal(changed, whose, [made])]).toEqual([at, null]);
    }
    for (const nonsense of ['', '.', 'v1', 'v1...', `${sealed}.x.y`.slice(0, 20)])
      expect(unseal(nonsense, whose, [made])).toBeNull();
  });
});

it('a preview shows the ends of a long secret, and nothing of a short one', () => {
  expect(previewOf('sk-proj-0123456789abcdefghij')).toBe('sk-…ghij');
  expect(previewOf('short-secret-0123')).toBe('…');
});
