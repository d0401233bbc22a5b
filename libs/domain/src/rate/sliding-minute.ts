/** Seconds that can have a part in the last sixty: the one that is passing, and sixty before it. */
export const CELLS = 61;

/** So much was admitted in one second of the clock. */
export interface Counted {
  readonly second: number;
  readonly amount: number;
}

/** What was admitted in the seconds of a minute. */
export interface MinuteCells {
  readonly requests: readonly Counted[];
  readonly tokens: readonly Counted[];
}

/** What was admitted in the last 60 seconds, counted by the second it was admitted in. */
export class SlidingMinute {
  private readonly cells = new Array<number>(CELLS).fill(0);
  private second = 0;
  private sum = 0;

  /** The sum of all cells that still count. */
  at(now: number): number {
    this.advance(now);
    return this.sum;
  }

  /** Those seconds that count and in which something was. */
  counted(now: number): Counted[] {
    this.advance(now);
    const first = this.second - CELLS + 1;
    const all = this.cells.map((_, i) => ({ second: first + i, amount: this.cell(first + i) }));
    return all.filter(({ amount }) => amount > 0);
  }

  /** What was counted elsewhere, or taken out of here before. */
  put(now: number, counted: readonly Counted[]): void {
    this.advance(now);
    for (const { second, amount } of counted) this.correct(now, Math.min(second, this.second), amount);
  }

  clear(): void {
    this.cells.fill(0);
    this.sum = 0;
  }

  /** In which second it was counted: what it is corrected by later. */
  add(now: number, amount: number): number {
    this.advance(now);
    this.cells[this.second % CELLS] = this.cell(this.second) + amount;
    this.sum += amount;
    return this.second;
  }

  /** What was estimated is known now. A second that no longer counts stays as it is, and none becomes less than nothing. */
  correct(now: number, second: number, difference: number): void {
    this.advance(now);
    if (second > this.second || second <= this.second - CELLS) return;
    const before = this.cell(second);
    const after = Math.max(0, before + difference);
    this.cells[second % CELLS] = after;
    this.sum += after - before;
  }

  /** When so much would fit under the limit, if nothing else is admitted until then; null: never. */
  retryAt(now: number, amount: number, limit: number): number | null {
    let excess = this.at(now) + amount - limit;
    if (excess <= 0) return now;
    for (let second = this.second - CELLS + 1; second <= this.second; second++) {
      excess -= this.cell(second);
      if (excess <= 0) return (second + CELLS) * 1000;
    }
    return null;
  }

  /** A clock that goes back is not followed: what was admitted later would be forgotten. */
  private advance(now: number): void {
    const second = Math.max(this.second, Math.floor(now / 1000));
    const passed = Math.min(second - this.second, CELLS);
    for (let i = 1; i <= passed; i++) {
      const cell = (this.second + i) % CELLS;
      this.sum -= this.cells[cell] as number;
      this.cells[cell] = 0;
    }
    this.second = second;
  }

  private cell(second: number): number {
    return this.cells[((second % CELLS) + CELLS) % CELLS] as number;
  }
}
