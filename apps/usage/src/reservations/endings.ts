import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { Refused } from '#contracts/refusals';
import type { UsageEvent } from '#contracts/usage';
import { isOutage } from '#runtime/postgres';
import { writeIn } from '../store/ledger.js';
import { Partitions } from '../store/partitions.js';
import { type End, endReservations, lockReservations, notThere, type Reservation } from './reservation-row.js';

const AT_ONCE = 100;

/** Null: it is over already, and this is what became of it. Throws where it may not end like this. */
export type Decide = (reservation: Reservation) => (Omit<End, 'id'> & { readonly event: UsageEvent | null }) | null;

interface Asked {
  readonly id: string;
  readonly decide: Decide;
  readonly resolve: (ended: Reservation) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Ends reservations: the end of one and its row of the ledger are written together, and there is never one without the
 * other. Who asks while others are written goes with the next: they would else wait for each other in the same totals.
 */
@Injectable()
export class Endings {
  private readonly waiting: Asked[] = [];
  private isWriting = false;

  constructor(
    private readonly db: DataSource,
    private readonly partitions: Partitions,
  ) {}

  end(id: string, decide: Decide): Promise<Reservation> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ id, decide, resolve, reject });
      void this.write();
    });
  }

  private async write(): Promise<void> {
    if (this.isWriting) return;
    this.isWriting = true;
    while (this.waiting.length) await this.round(this.waiting.splice(0, AT_ONCE));
    this.isWriting = false;
  }

  private async round(asked: readonly Asked[]): Promise<void> {
    try {
      const tell = await this.db.transaction((tx) => this.endAll(tx, asked));
      for (const each of tell) each();
    } catch (error) {
      // One that cannot be written is not the others' trouble.
      if (asked.length > 1 && !isOutage(error)) for (const each of asked) await this.round([each]);
      else for (const { reject } of asked) reject(error);
    }
  }

  /** What each asker is told once all of it is committed. */
  private async endAll(tx: EntityManager, asked: readonly Asked[]): Promise<(() => void)[]> {
    const there = await lockReservations(
      tx,
      asked.map(({ id }) => id),
    );
    const events: UsageEvent[] = [];
    const ends = new Map<string, End>();
    const refused = new Map<Asked, unknown>();
    for (const ask of asked) {
      const reservation = there.get(ask.id);
      try {
        if (!reservation) throw notThere();
        const end = ask.decide(reservation);
        if (!end) continue;
        const { event, ...what } = end;
        if (event) events.push(event);
        ends.set(ask.id, { id: ask.id, ...what });
        // Whoever asks for the same one in the same breath finds it as it will be.
        there.set(ask.id, { ...reservation, state: what.state, told_digest: what.digest });
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        refused.set(ask, error);
      }
    }
    await this.partitions.ensure(events.map(({ at }) => Date.parse(at)));
    if (events.length) await writeIn(tx, [{ id: null, events, denials: [] }]);
    for (const ended of await endReservations(tx, [...ends.values()])) there.set(ended.id, ended);
    return asked.map((ask) =>
      refused.has(ask) ? () => ask.reject(refused.get(ask)) : () => ask.resolve(there.get(ask.id) as Reservation),
    );
  }
}
