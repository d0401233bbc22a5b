import type { TillFacts } from '#domain/budget/reservation';
import type { Asking, LimitedKey } from './asking.js';
import type { MemoryTills } from './memory-tills.js';
import type { Refills } from './refills.js';
import type { Tills } from './tills.js';

const MOST = 50_000;
/** Others wait for what belongs to the project, or to the organization. */
const SHARED = [false, false, true, true, true];
const ALL = [true, true, true, true, true];

interface Used {
  readonly tills: Tills;
  readonly key: LimitedKey;
  readonly asking: Asking;
  readonly epoch: number;
  readonly slots: TillFacts['slots'];
  readonly at: number;
}

/** Gives back what lies idle: after a lease the slices that others could use, and everything in tills of this process's own. */
export class IdleSlices {
  private readonly used_ = new Map<string, Used>();
  private readonly timer: NodeJS.Timeout;

  constructor(
    private readonly refills: Refills,
    private readonly mine: MemoryTills,
    private readonly idle: number,
  ) {
    this.timer = setInterval(() => this.look(), idle / 6);
  }

  used(tills: Tills, key: LimitedKey, asking: Asking, { epoch, slots }: TillFacts): void {
    const isMine = tills === this.mine;
    if (!isMine && !slots.some((slot, i) => slot && SHARED[i])) return;
    const place = `${tills.name} ${key.key_id}`;
    this.used_.delete(place);
    if (this.used_.size < MOST) this.used_.set(place, { tills, key, asking, epoch, slots, at: Date.now() });
  }

  /** Redis is back: what was taken for here is for everybody again. */
  async closeMine(): Promise<void> {
    const mine = [...this.used_].filter(([, { tills }]) => tills === this.mine);
    await Promise.allSettled(mine.map(([place, used]) => this.giveBack(place, used, 0)));
  }

  async close(): Promise<void> {
    clearInterval(this.timer);
    await this.closeMine();
  }

  private look(): void {
    const due = Date.now() - this.idle;
    for (const [place, used] of this.used_) {
      // In the order of their last use.
      if (used.at > due) break;
      void this.giveBack(place, used, this.idle).catch(() => {});
    }
    this.mine.sweep();
  }

  private async giveBack(place: string, { tills, key, epoch, slots }: Used, idle: number): Promise<void> {
    this.used_.delete(place);
    const taken = await tills.take(key.key_id, epoch, tills === this.mine ? ALL : SHARED, idle);
    const given = slots.flatMap((slot, i) =>
      slot ? [{ id: slot.id, limit: i === 4 ? null : BigInt(slot.limit), returned: taken?.[i] ?? 0 }] : [],
    );
    await this.refills.giveBack(tills, key, epoch, given);
  }
}
