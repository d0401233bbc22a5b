import type { KeyQuery } from '../../api/keys.js';
import { addressOf, oneOf, words, yes } from '../../parts/address.js';
import { DAY, HOUR } from '../../parts/moments.js';

export const TABS = ['active', 'inactive', 'all'] as const;
const SORTS = ['created_at', '-created_at', 'name', '-name', 'expires_at', '-expires_at'] as const;

/** Every filter is in the address: what one has found can be sent to somebody else. */
export const keySearch = addressOf({
  tab: oneOf(TABS),
  q: words(100),
  status: oneOf(['disabled', 'expired']),
  limit: oneOf(['near', 'reached']),
  by: words(140),
  tag: words(321),
  expiring: yes,
  unused: yes,
  rules: oneOf(['own', 'none']),
  sort: oneOf(SORTS),
  cursor: words(400),
});

export type KeySearch = ReturnType<typeof keySearch>;

export const PAGE_SIZE = 50;
const EXPIRING_DAYS = 7;
const UNUSED_DAYS = 30;

/** What narrows the list besides the tab. */
export function filtersOf({ tab: _, sort: __, cursor: ___, ...filters }: KeySearch): Partial<KeySearch> {
  return Object.fromEntries(Object.entries(filters).filter(([, value]) => value !== undefined));
}

/** An hour is near enough: a filter by the minute would ask anew with every look at the clock. */
export function queryOf(search: KeySearch, project: string, now: number): KeyQuery {
  const { tab = 'active', q, status, limit, by, tag, expiring, unused, rules, sort, cursor } = search;
  const hour = now - (now % HOUR);
  return {
    project,
    ...(tab === 'all' && !status ? {} : { status: status ?? (tab as 'active' | 'inactive') }),
    ...(q ? { q } : {}),
    ...(limit ? { limit_state: limit } : {}),
    ...(by ? { created_by: by } : {}),
    ...(tag ? { tag } : {}),
    ...(expiring ? { expires_before: new Date(hour + HOUR + EXPIRING_DAYS * DAY).toISOString() } : {}),
    ...(unused ? { unused_since: new Date(hour - UNUSED_DAYS * DAY).toISOString() } : {}),
    ...(rules ? { has_rules: rules === 'own' ? 'true' : 'false' } : {}),
    sort: sort ?? '-created_at',
    limit: PAGE_SIZE,
    ...(cursor ? { cursor } : {}),
  };
}
