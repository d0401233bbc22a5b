import type { DataSource, EntityManager } from 'typeorm';
import type { DenialCount, UsageEvent } from '#contracts/usage';
import { bornAt } from '#domain/id';
import { settle } from '../bank/settle.js';
import { insertCorrections, withoutDoubles } from './corrections.js';
import { insertRows, type LedgerRow, rowOf } from './event-rows.js';
import { addToKeyTotals } from './key-totals.js';
import { addObserved } from './observed.js';
import type { Partitions } from './partitions.js';
import { addToTotals, countedOf, deniedOf } from './rollups.js';

/** What one message told. */
export interface Told {
  /** The name the teller gave it, and asks for it by. */
  readonly id: string | null;
  readonly events: readonly UsageEvent[];
  readonly denials: readonly DenialCount[];
}

/**
 * Writes what was told, in one transaction: rows that are new go into the ledger, and exactly those are added to the totals
 * and to what is spent. An event told twice, by whomever, counts once, and so does a batch.
 *
 * Everybody takes locks in this order: batches, rows, totals, rules, keys, buckets; and in each of them sorted. The buckets come
 * last, because requests wait for those.
 */
export async function writeTold(db: DataSource, partitions: Partitions, told: readonly Told[]): Promise<number> {
  await partitions.ensure(told.flatMap(momentsOf));
  return db.transaction((tx) => writeIn(tx, told));
}

/** The same in a transaction that has something else to write; the parts of the tables have to be there. */
export async function writeIn(db: EntityManager, told: readonly Told[]): Promise<number> {
  const news = await insertBatches(db, told);
  const rows = await writeRows(db, withoutDoubles(news.flatMap(({ events }) => events.map(rowOf))));
  const denials = news.flatMap((each) => each.denials);
  await addToTotals(db, [...rows.map(countedOf), ...denials.map(deniedOf)]);
  await addObserved(db, rows);
  const charged = rows.filter(({ kind }) => kind !== 'denied');
  if (charged.length) {
    await addToKeyTotals(db, charged);
    await settle(db, charged);
  }
  return rows.length;
}

async function writeRows(db: EntityManager, rows: readonly LedgerRow[]): Promise<LedgerRow[]> {
  const fresh = await insertRows(db, rows);
  if (fresh.length === rows.length) return fresh;
  const there = new Set(fresh);
  return [
    ...fresh,
    ...(await insertCorrections(
      db,
      rows.filter((row) => !there.has(row)),
    )),
  ];
}

/** A batch that is there already was written whole: those that are not. */
async function insertBatches(db: EntityManager, told: readonly Told[]): Promise<Told[]> {
  const ids = new Set(told.flatMap(({ id }) => id ?? []));
  if (ids.size === 0) return [...told];
  const inserted: { id: string }[] = await db.query(
    'INSERT INTO usage_batch (id) SELECT id FROM unnest($1::text[]) AS b(id) ON CONFLICT DO NOTHING RETURNING id',
    [[...ids].sort()],
  );
  const fresh = new Set(inserted.map(({ id }) => id));
  return told.filter(({ id }) => id === null || fresh.delete(id));
}

function momentsOf({ events, denials }: Told): number[] {
  return [...events.map((event) => bornAt(event.request_id)), ...denials.map(({ at }) => Date.parse(at))];
}
