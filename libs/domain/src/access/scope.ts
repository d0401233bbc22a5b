/** What an API key may do: the words of the seeds. `admin` holds every other. */
export const SCOPES = ['read', 'write', 'admin', 'webhook'] as const;
export type Scope = (typeof SCOPES)[number];

/** What a person is in an organization, from most to least. */
export const ROLES = ['owner', 'admin', 'member', 'viewer'] as const;
export type Role = (typeof ROLES)[number];

const SCOPES_OF: Record<Role, readonly Scope[]> = {
  owner: SCOPES,
  admin: SCOPES,
  member: ['read', 'write'],
  viewer: ['read'],
};

export function scopesOf(role: Role): readonly Scope[] {
  return SCOPES_OF[role];
}

export function holds(held: readonly Scope[], needed: Scope): boolean {
  return held.includes(needed) || held.includes('admin');
}

/** Which of the wanted scopes the maker does not hold: nobody grants more than they have. */
export function beyond(held: readonly Scope[], wanted: readonly Scope[]): Scope[] {
  return wanted.filter((scope) => !holds(held, scope));
}

/** Whether one role may make, change or remove another: only owners touch owners, and only those who manage people touch anybody. */
export function mayManage(role: Role, other: Role): boolean {
  return role === 'owner' || (role === 'admin' && other !== 'owner');
}
