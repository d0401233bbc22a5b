import { CELLS, type Counted } from './sliding-minute.js';

/**
 * What everybody has admitted in the last 60 seconds, as one of them knows it who is told the sum now and then. What is more
 * than it knew of is put into the second it is told of, what is less is taken from the oldest: its sum is what was last
 * told, and no part of it leaves before it has left the real minute.
 */
export class KnownMinute {
  /** The oldest first. */
  private cells: { second: number; amount: number }[] = [];
  private sum = 0;

  /** So much was admitted in the last 60 seconds. */
  saw(now: number, total: number): void {
    this.forget(now);
    const more = total - this.sum;
    if (more > 0) this.put(now, more);
    else if (more < 0) this.takeOldest(-more);
  }

  at(now: number): readonly Counted[] {
    this.forget(now);
    return this.cells.map((cell) => ({ ...cell }));
  }

  private put(now: number, amount: number): void {
    const last = this.cells.at(-1);
    const second = Math.floor(now / 1000);
    this.sum += amount;
    if (last && last.second >= second) last.amount += amount;
    else this.cells.push({ second, amount });
  }

  private takeOldest(amount: number): void {
    this.sum -= amount;
    let left = amount;
    let gone = 0;
    for (const cell of this.cells) {
      const taken = Math.min(left, cell.amount);
      cell.amount -= taken;
      left -= taken;
      if (cell.amount > 0) break;
      gone++;
    }
    this.cells.splice(0, gone);
  }

  private forget(now: number): void {
    const first = Math.floor(now / 1000) - CELLS + 1;
    let gone = 0;
    for (const { second, amount } of this.cells) {
      if (second >= first) break;
      this.sum -= amount;
      gone++;
    }
    if (gone > 0) this.cells.splice(0, gone);
  }
}
