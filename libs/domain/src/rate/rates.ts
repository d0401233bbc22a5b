import { type Correction, inAdvance } from './allotment.js';
import { type MinuteCells, SlidingMinute } from './sliding-minute.js';

interface Limits {
  readonly rpm: number | null;
  readonly tpm: number | null;
}

/** The requests and tokens of one key in the last minute. */
export class Rates {
  private readonly requests = new SlidingMinute();
  private readonly tokens = new SlidingMinute();

  at(now: number): { readonly requests: number; readonly tokens: number } {
    return { requests: this.requests.at(now), tokens: this.tokens.at(now) };
  }

  /** Anew, with what was counted before as somebody else knows it. */
  begin({ requests, tokens }: MinuteCells, now: number): void {
    this.requests.clear();
    this.requests.put(now, requests);
    this.tokens.clear();
    this.tokens.put(now, tokens);
  }

  /** What one more request of so many tokens would be too much for, and when not any more. */
  limitedBy({ rpm, tpm }: Limits, tokens: number, now: number) {
    if (rpm !== null && this.requests.at(now) + 1 > rpm)
      return { by: 'rpm' as const, retryAt: this.requests.retryAt(now, 1, rpm) ?? 0 };
    if (tpm !== null && this.tokens.at(now) + tokens > tpm)
      return { by: 'tpm' as const, retryAt: this.tokens.retryAt(now, tokens, tpm) ?? 0 };
    return null;
  }

  /** In which second it was counted. */
  count(requests: number, tokens: number, now: number): number {
    this.tokens.add(now, tokens);
    return this.requests.add(now, requests);
  }

  correct({ second, requests, tokens }: Correction, now: number): void {
    this.requests.correct(now, second, requests);
    this.tokens.correct(now, second, tokens);
  }

  /** Counts in advance as much of what is wanted as may be; of both or of neither. */
  countAhead({ rpm, tpm }: Limits, wanted: { readonly requests: number; readonly tokens: number }, now: number) {
    const requests = inAdvance(rpm, this.requests.at(now), wanted.requests);
    const tokens = inAdvance(tpm, this.tokens.at(now), wanted.tokens);
    const some = requests > 0 && tokens > 0 ? { requests, tokens } : { requests: 0, tokens: 0 };
    return { ...some, second: this.count(some.requests, some.tokens, now) };
  }
}
