import { holds, ROLES, SCOPES, type Scope, scopesOf } from '#domain/access/scope';

const LIST = new Intl.ListFormat('en', { type: 'disjunction' });

export function isScope(word: unknown): word is Scope {
  return (SCOPES as readonly unknown[]).includes(word);
}

/** Who may: “owner, admin, or member”. */
export function rolesWith(needed: Scope): string {
  return LIST.format(ROLES.filter((role) => holds(scopesOf(role), needed)));
}
