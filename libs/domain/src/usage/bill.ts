import type { ReadUsage } from './read-usage.js';

/** What was seen of a forwarded request by the time it was over. */
export interface Seen {
  /** `ok`: it came to its end. `failed`: the provider, or the way to it, broke. `aborted`: the client left, or we cut it. */
  readonly outcome: 'ok' | 'provider_error' | 'failed' | 'aborted';
  /** Of the answer; 0 where none began. */
  readonly status: number;
  /** The request was on its way to the provider. */
  readonly sent: boolean;
  /** The provider's last word. */
  readonly usage: ReadUsage | null;
  /** What it had said when the stream broke off. */
  readonly stated: ReadUsage | null;
  /** Anything of what the model wrote has come. */
  readonly hasText: boolean;
}

/** What the tokenizer makes of a prompt, and of as much of an answer as came. */
export interface Counted {
  readonly input: number;
  readonly output: number;
}

export interface Bill {
  readonly usage: ReadUsage;
  /** Not the provider's last word, but ours. */
  readonly estimated: boolean;
}

export const NOTHING: ReadUsage = {
  input: 0,
  cachedInput: 0,
  cacheWrite: 0,
  cacheWriteHour: 0,
  output: 0,
  reasoning: 0,
};

/** Whether the text has to be counted to know what is owed. */
export function needsCount(seen: Seen): boolean {
  return basisOf(seen) === 'count';
}

/**
 * What a request is billed: what the provider said; without its last word, what was observed; and nothing for an error
 * of the provider. The text is counted only where `needsCount` says so.
 */
export function billOf(seen: Seen, counted: Counted = { input: 0, output: 0 }): Bill {
  switch (basisOf(seen)) {
    case 'nothing':
      return { usage: NOTHING, estimated: false };
    case 'benefit of the doubt':
      return { usage: NOTHING, estimated: true };
    case 'said':
      return { usage: seen.usage as ReadUsage, estimated: false };
    case 'count':
      return { usage: observed(seen, counted), estimated: true };
  }
}

type Basis = 'nothing' | 'benefit of the doubt' | 'said' | 'count';

function basisOf({ outcome, status, sent, usage, hasText }: Seen): Basis {
  if (status >= 400 || !sent) return 'nothing';
  if (usage) return 'said';
  // Who leaves early has had the prompt read for him, and would else never pay for it.
  if (outcome === 'aborted') return 'count';
  if (status === 0) return 'nothing';
  // It began, and broke before a word: the provider may count the prompt, but its failure is not the client's to pay.
  if (outcome !== 'ok' && !hasText) return 'benefit of the doubt';
  return 'count';
}

/** A stated input is exact. A stated output is only where the provider was when it last said one: the text may be further. */
function observed({ stated }: Seen, { input, output }: Counted): ReadUsage {
  return stated ? { ...stated, output: Math.max(stated.output, output) } : { ...NOTHING, input, output };
}
