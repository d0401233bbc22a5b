import type { Config, Kit } from '#runtime/app';
import type { USAGE_SETTINGS } from './settings.js';

export type UsageKit = Kit<Config<typeof USAGE_SETTINGS>>;

export const KIT = Symbol('kit');

/** Connections of the ledger’s own: its statements are large, and must not be in the way of a question. */
export const LEDGER_STORE = Symbol('ledger store');

/** How long tills live without a sign of whoever spends from them. */
export const LEASES = Symbol('leases');

/** One connection for sums over everything: they take as long as they take. */
export const BOOKS_STORE = Symbol('books store');
