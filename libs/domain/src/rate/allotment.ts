/** A part of a minute that was counted in advance, for one gateway to admit from by itself. */
export interface Allotted {
  /** When it was asked for, by a clock of the asker's that never goes back. */
  readonly askedAt: number;
  /** What the counting clock said when it was counted, and the cell it was counted in. */
  readonly now: number;
  readonly second: number;
  readonly requests: number;
  readonly tokens: number;
}

export interface Correction {
  readonly second: number;
  readonly requests: number;
  readonly tokens: number;
}

/** Of a limit so much is given in advance; the rest is counted one by one, so that who is refused is refused rightly. */
const IN_ADVANCE = 3 / 4;

/** How much may be counted in advance: half of what is left of the part that may, because others ask too. */
export function inAdvance(limit: number | null, used: number, wanted: number): number {
  if (limit === null) return wanted;
  return Math.max(0, Math.min(wanted, Math.floor((limit * IN_ADVANCE - used) / 2)));
}

/**
 * What a gateway may still admit of what was counted for it. Only while the cell it was counted in lasts, by the clock that
 * counted: so whatever it admits stands in the cell of its own second, and no 60 seconds hold more than the limit. What is left
 * over, and what turned out to be more or less than was thought, is owed to the cells as corrections.
 */
export class Allotment {
  private second = 0;
  /** By the asker's clock. */
  private until = Number.NEGATIVE_INFINITY;
  private requests = 0;
  private tokens = 0;
  private corrections = new Map<number, { requests: number; tokens: number }>();

  add({ askedAt, now, second, requests, tokens }: Allotted): void {
    if (second !== this.second) this.retire();
    this.second = second;
    this.requests += requests;
    this.tokens += tokens;
    // It was counted after it was asked for: the counting clock can't be further than this, and its milliseconds are rounded down.
    this.until = askedAt + (second + 1) * 1000 - now - 1;
  }

  /** In which second the request counts; null where it has to be asked for. */
  take(at: number, tokens: number): number | null {
    if (at >= this.until) this.retire();
    if (this.requests < 1 || this.tokens < tokens) return null;
    this.requests--;
    this.tokens -= tokens;
    return this.second;
  }

  correct(second: number, requests: number, tokens: number): void {
    if (requests === 0 && tokens === 0) return;
    const known = this.corrections.get(second);
    if (known) {
      known.requests += requests;
      known.tokens += tokens;
    } else this.corrections.set(second, { requests, tokens });
  }

  /** So many of the requests and tokens that are counted have not been used: those still to be had, and those the cells are yet to be told of. */
  get left(): { readonly requests: number; readonly tokens: number } {
    let { requests, tokens } = this;
    for (const off of this.corrections.values()) {
      requests -= off.requests;
      tokens -= off.tokens;
    }
    return { requests, tokens };
  }

  isOwing(at: number): boolean {
    return this.corrections.size > 0 || (at >= this.until && this.requests + this.tokens > 0);
  }

  /** What the cells have to be told, once. */
  owed(at: number): Correction[] {
    if (at >= this.until) this.retire();
    const owed = [...this.corrections].map(([second, off]) => ({ second, ...off }));
    this.corrections = new Map();
    return owed;
  }

  private retire(): void {
    this.correct(this.second, -this.requests, -this.tokens);
    this.requests = 0;
    this.tokens = 0;
    this.until = Number.NEGATIVE_INFINITY;
  }
}
