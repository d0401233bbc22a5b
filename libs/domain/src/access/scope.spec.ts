import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { beyond, holds, mayManage, ROLES, SCOPES, scopesOf } from '#domain/access/scope';

const scopes = fc.subarray([...SCOPES]);

describe('scopes', () => {
  it('admin holds every other, and no other holds one it is not', () => {
    for (const scope of SCOPES) {
      expect(holds(['admin'], scope)).toBe(true);
      for (const other of SCOPES) expect(holds([other], scope)).toBe(other === scope || other === 'admin');
    }
  });

  it('what is granted within what is held lets nobody do more than the maker', () => {
    fc.assert(
      fc.property(scopes, scopes, fc.constantFrom(...SCOPES), (held, wanted, needed) => {
        fc.pre(beyond(held, wanted).length === 0);
        if (holds(wanted, needed)) expect(holds(held, needed)).toBe(true);
      }),
    );
  });

  it('admin is never granted by those who do not hold it', () => {
    expect(beyond(['read', 'write', 'webhook'], ['admin', 'read'])).toEqual(['admin']);
  });
});

describe('roles', () => {
  it('a lower role can do nothing a higher one cannot', () => {
    ROLES.forEach((role, at) => {
      for (const lower of ROLES.slice(at)) expect(beyond(scopesOf(role), scopesOf(lower))).toEqual([]);
    });
  });

  it('only owners touch owners, and members and viewers touch nobody', () => {
    expect(ROLES.filter((role) => mayManage(role, 'owner'))).toEqual(['owner']);
    expect(ROLES.filter((role) => mayManage(role, 'viewer'))).toEqual(['owner', 'admin']);
  });
});
