import type { ReserveAsk, SettleAsk } from '#domain/budget/reservation';
import type { Tills } from './tills.js';

const RETRY_MILLISECONDS = 500;
/** By then others have found it and settled it. */
const PATIENCE_MILLISECONDS = 60_000;
const MOST_WAITING = 20_000;

interface Owed {
  readonly tills: Tills;
  readonly key: string;
  readonly ask: SettleAsk;
  readonly until: number;
}

/** Tells tills what requests came to. Nobody waits for it; one that does not answer is told again. */
export class Settlements {
  private readonly owed = new Set<Owed>();
  private readonly underWay = new Set<Promise<void>>();
  private readonly timer: NodeJS.Timeout;

  constructor() {
    this.timer = setInterval(() => {
      for (const each of [...this.owed]) this.tell(each);
    }, RETRY_MILLISECONDS);
  }

  get waiting(): number {
    return this.owed.size;
  }

  settle(tills: Tills, key: string, ask: SettleAsk): void {
    this.tell({ tills, key, ask, until: Date.now() + PATIENCE_MILLISECONDS });
  }

  /** A reserve that was not waited for to the end may have been done: told twice it is undone once. */
  undo(tills: Tills, key: string, ask: SettleAsk): void {
    this.note({ tills, key, ask, until: Date.now() + PATIENCE_MILLISECONDS });
  }

  async close(): Promise<void> {
    clearInterval(this.timer);
    for (const each of [...this.owed]) this.tell(each);
    await Promise.allSettled(this.underWay);
  }

  private tell(owed: Owed): void {
    this.owed.delete(owed);
    if (owed.until < Date.now()) return;
    const told: Promise<void> = owed.tills
      .settle(owed.key, owed.ask)
      .then(
        () => {},
        () => this.note(owed),
      )
      .finally(() => this.underWay.delete(told));
    this.underWay.add(told);
  }

  private note(owed: Owed): void {
    if (this.owed.size < MOST_WAITING) this.owed.add(owed);
  }
}

/** As if it had not been asked for; null where that would leave nothing to be settled. */
export function undoneOf({ request, parallel, buckets, rpm, tpm, tokens }: ReserveAsk): SettleAsk | null {
  if (parallel === null && buckets.every((bucket) => bucket === null)) return null;
  const isCounted = rpm !== null || tpm !== null;
  return {
    ...{ request, held: true, cost: 0, ownKey: false, second: Math.floor(Date.now() / 1000) },
    requestsOff: isCounted ? -1 : 0,
    tokensOff: isCounted ? -tokens : 0,
  };
}
