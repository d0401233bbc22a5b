import type { Leases } from './leases.js';
import { CLAIMS_AT_ONCE, type Claimed } from './reservation.js';

interface Hold {
  deadline: number;
  readonly epoch: number;
  readonly amount: number;
  /** Of each slot it was taken from; 0 for the others. */
  readonly generations: readonly number[];
  readonly memo: string;
}

/** What the requests of a till have taken, each until it is settled or its owner is dead. */
export class Holds {
  private readonly all = new Map<string, Hold>();
  /** None is dead before: looking through all of them would cost every request as much as there are others. */
  private firstDeadline = Number.POSITIVE_INFINITY;

  constructor(private readonly leases: Leases) {}

  get size(): number {
    return this.all.size;
  }

  add(request: string, hold: Omit<Hold, 'deadline'>, now: number, life = this.leases.hold): void {
    const { epoch, amount, generations, memo } = hold;
    this.all.set(request, { deadline: now + life, epoch, amount, generations, memo });
    this.firstDeadline = Math.min(this.firstDeadline, now + life);
  }

  get(request: string): Hold | undefined {
    return this.all.get(request);
  }

  delete(request: string): void {
    this.all.delete(request);
  }

  /** Those that are known here live on; of the others nothing is known. */
  extend(requests: readonly string[], now: number, life = this.leases.hold): string[] {
    const known = requests.filter((request) => this.all.has(request));
    for (const request of known) (this.all.get(request) as Hold).deadline = now + life;
    this.firstDeadline = Math.min(this.firstDeadline, now + life);
    return known;
  }

  isAnyDead(now: number): boolean {
    if (now < this.firstDeadline) return false;
    this.firstDeadline = Number.POSITIVE_INFINITY;
    for (const { deadline } of this.all.values()) this.firstDeadline = Math.min(this.firstDeadline, deadline);
    return this.firstDeadline <= now;
  }

  claim(now: number): Claimed[] {
    if (!this.isAnyDead(now)) return [];
    const dead = [...this.all].filter(([, { deadline }]) => deadline <= now).sort(byDeadline);
    const claims: Claimed[] = [];
    for (const [request, hold] of dead.slice(0, CLAIMS_AT_ONCE)) {
      const { epoch, amount, memo, generations } = hold;
      // It held a place and no money: there is nobody to be told.
      if (generations.every((generation) => generation === 0)) this.all.delete(request);
      else {
        hold.deadline = now + this.leases.claim;
        claims.push({ request, epoch, amount, memo });
      }
    }
    return claims;
  }
}

function byDeadline([a, { deadline: x }]: [string, Hold], [b, { deadline: y }]: [string, Hold]): number {
  return x - y || (a < b ? -1 : 1);
}
