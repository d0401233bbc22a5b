import { holds, mayManage, type Role, type Scope } from './scope.js';

/** Who somebody is among the people of an organization; null: nobody who manages people. */
export interface Asker {
  readonly kind: 'member' | 'key' | 'service';
  readonly scopes: readonly Scope[];
  /** Of a member; null for keys and services. */
  readonly role: Role | null;
}

/** A key with `admin` stands where an admin does: it never touches owners, whoever made it. A service stands for the platform. */
export function rankOf({ kind, scopes, role }: Asker): Role | null {
  if (kind === 'service') return 'owner';
  if (kind === 'key') return holds(scopes, 'admin') ? 'admin' : null;
  return role;
}

/** Whether somebody may make another what they shall be, from what they are: both must be theirs to give and to take. */
export function mayAppoint(asker: Asker, from: Role | null, to: Role | null): boolean {
  const rank = rankOf(asker);
  return rank !== null && [from, to].every((role) => role === null || mayManage(rank, role));
}
