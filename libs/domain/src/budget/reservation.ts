/**
 * What is said between a till and those who spend from it: the same words for the till in Redis (`libs/counters/src/scripts`)
 * and for the one in memory (`till.ts`). Amounts are whole nano-units below 2^53; times are milliseconds of the till's clock.
 */

import type { Correction } from '../rate/allotment.js';

/** The five buckets a request can have to fit into, in this order everywhere. */
export const SLOTS = ['key', 'key_window', 'project', 'project_window', 'credits'] as const;

/** How long an older revision may still be news on its way; after that it is the truth, and revisions have begun anew. */
export const REVISION_PATIENCE = 10_000;
/** One of many gateways refills a slice that runs low; the others hold back for so long. */
export const REFILL_LOCK = 2000;
export const CLAIMS_AT_ONCE = 4;

interface BucketAsked {
  readonly id: string;
  /** The start of the window; 0 for a bucket without. Of two buckets in one slot the later window counts. */
  readonly window: number;
}

export interface ReserveAsk {
  readonly request: string;
  /** The life of the server the till is in, as the asker knows it. */
  readonly run: string;
  /** Of the limits the asker knows. */
  readonly revision: number;
  readonly buckets: readonly (BucketAsked | null)[];
  /** Which of the buckets this request counts towards. */
  readonly charged: readonly boolean[];
  readonly amount: number;
  readonly tokens: number;
  readonly rpm: number | null;
  readonly tpm: number | null;
  readonly parallel: number | null;
  /** What is told of the request should its owner die. */
  readonly memo: string;
  /** Its asker may not say what the requests of the dead came to: their holds are left to who may. */
  readonly leavesDead?: boolean;
  /** How long its hold lives, in milliseconds, where nobody will look after it as a gateway does. */
  readonly life?: number;
}

/** One bucket as its till knows it. */
export interface SlotFacts {
  readonly id: string;
  readonly window: number;
  readonly slice: number;
  readonly held: number;
  /** The size of the last grant. */
  readonly grant: number;
  /** What the bank said at the last grant; decimal strings, because they may be larger than a till can count. */
  readonly limit: string;
  readonly free: string;
  readonly outside: string;
}

export interface TillFacts {
  readonly now: number;
  readonly epoch: number;
  readonly leaseUntil: number;
  readonly filledAt: number;
  /** When something was let in last. */
  readonly usedAt: number;
  readonly slots: readonly (SlotFacts | null)[];
  /** Of the last 60 seconds. */
  readonly requests: number;
  readonly tokens: number;
  /** When what was counted in them began, in a till that may forget it: another moment, another count. 0: nothing is counted. */
  readonly countedSince?: number;
  /** Requests under way that hold something. */
  readonly live: number;
}

/** A hold whose owner is dead, for as long as it seems: whoever is told of it settles it. */
export interface Claimed {
  readonly request: string;
  readonly epoch: number;
  readonly amount: number;
  readonly memo: string;
}

export type RateLimit = 'rpm' | 'tpm' | 'parallel';

export type Reserved = TillFacts & { readonly claims: readonly Claimed[] } & (
    | { readonly outcome: 'held'; readonly second: number; readonly low: boolean }
    | { readonly outcome: 'limited'; readonly by: RateLimit; readonly retryAt: number }
    | {
        readonly outcome: 'refill';
        readonly why: 'open' | 'changed' | 'short';
        /** Which slot is short. */
        readonly slot: number;
        /** Taken out of the slices: for the bank. */
        readonly returned: readonly number[];
      }
  );

export interface SettleAsk {
  readonly request: string;
  /** Whether there is a hold to be settled; rates alone need none. */
  readonly held: boolean;
  readonly cost: number;
  /** It went with the project's own provider key: credits have all of it back. */
  readonly ownKey: boolean;
  readonly second: number;
  /** What was used beyond what was counted; negative where it was less. */
  readonly requestsOff: number;
  readonly tokensOff: number;
}

/** One gateway asks for so much that it does not have to ask for each request of a key it sees often. */
export interface AheadAsk {
  readonly rpm: number | null;
  readonly tpm: number | null;
  readonly parallel: number | null;
  readonly requests: number;
  readonly tokens: number;
  /** For whom places are kept, how many it has, and how many it would like to have. */
  readonly holder: string;
  readonly has: number;
  readonly places: number;
  /** What was counted in advance and not used, or turned out otherwise. */
  readonly corrections: readonly Correction[];
}

export interface Ahead {
  readonly now: number;
  readonly second: number;
  readonly requests: number;
  readonly tokens: number;
  readonly places: number;
  /** Of the last 60 seconds, with what is given here. */
  readonly used: { readonly requests: number; readonly tokens: number };
}

/** What stands among the holds of a key for a place that a gateway keeps. */
export function placeOf(holder: string, i: number): string {
  return `${holder}/${i}`;
}

export interface FilledSlot extends BucketAsked {
  readonly granted: number;
  readonly limit: string;
  readonly free: string;
  readonly outside: string;
}

export interface FillAsk {
  readonly run: string;
  /** The epoch the grant was asked with; another one is in the till now where it was lost meanwhile. */
  readonly asked: number;
  readonly epoch: number;
  readonly leaseUntil: number;
  readonly revision: number;
  readonly slots: readonly (FilledSlot | null)[];
}
