import { describe, expect, it } from '@jest/globals';
import { ROLES, type Role, SCOPES, scopesOf } from './scope.js';
import { type Asker, mayAppoint, rankOf } from './standing.js';

const member = (role: Role): Asker => ({ kind: 'member', role, scopes: scopesOf(role) });
const service: Asker = { kind: 'service', role: null, scopes: SCOPES };

describe('who manages people', () => {
  it.each<[Role, Role | null, Role | null, boolean]>([
    ['owner', 'owner', 'viewer', true],
    ['owner', null, 'owner', true],
    ['admin', 'admin', 'viewer', true],
    ['admin', 'member', 'admin', true],
    ['admin', 'member', 'owner', false],
    ['admin', 'owner', 'member', false],
    ['admin', 'owner', null, false],
    ['member', 'viewer', 'viewer', false],
    ['member', null, 'viewer', false],
    ['viewer', null, 'viewer', false],
  ])('as %s, from %s to %s: %s', (role, from, to, may) => {
    expect(mayAppoint(member(role), from, to)).toBe(may);
  });

  it('a key with admin stands where an admin does, and one without stands nowhere', () => {
    expect(rankOf({ kind: 'key', role: null, scopes: ['admin'] })).toBe('admin');
    for (const to of ROLES)
      expect(mayAppoint({ kind: 'key', role: null, scopes: ['read', 'write'] }, null, to)).toBe(false);
  });

  it('a service of the platform may make anybody anything', () => {
    for (const role of ROLES) expect(mayAppoint(service, role, 'owner')).toBe(true);
  });
});
