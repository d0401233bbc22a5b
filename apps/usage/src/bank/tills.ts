import type { EntityManager } from 'typeorm';
import { Refused } from '#contracts/refusals';
import type { Leases } from '#domain/budget/leases';

export interface TillAsk {
  readonly organization_id: string;
  readonly key_id: string;
  readonly till: string;
  readonly run: string;
  readonly epoch: number;
}

/** `renewed`: what the till says of its slices is about this epoch. */
export type Entered =
  | { readonly state: 'renewed'; readonly epoch: number; readonly isNew: boolean }
  | { readonly state: 'opened' | 'superseded'; readonly epoch: number }
  /** Somebody else has just opened it: look again. */
  | { readonly state: 'raced' };

interface Current {
  epoch: string;
  organization_id: string;
  run: string;
  fresh: boolean;
  leased: boolean;
}

/** Askers that met the same till without an epoch at the same moment all get the one that the first of them opened. */
const TOGETHER_MILLISECONDS = 2000;

const until = (milliseconds: number) => `clock_timestamp() + interval '${milliseconds} milliseconds'`;

/** The till as its asker knows it, or anew. From here until the commit nobody else enters it. */
export async function enterTill(tx: EntityManager, ask: TillAsk, leases: Leases): Promise<Entered> {
  const place = [ask.key_id, ask.till];
  const [renewed] = await tx
    .query(
      `UPDATE till SET lease_until = ${until(leases.lease)}
        WHERE key_id = $1 AND till = $2 AND superseded_at IS NULL AND run = $3 AND epoch = $4 AND organization_id = $5
        RETURNING opened_at > clock_timestamp() - interval '${leases.claim} milliseconds' AS is_new`,
      [...place, ask.run, ask.epoch, ask.organization_id],
    )
    .then(([rows]) => rows as { is_new: boolean }[]);
  if (renewed) return { state: 'renewed', epoch: ask.epoch, isNew: renewed.is_new };

  const [current]: Current[] = await tx.query(
    `SELECT epoch, organization_id, run, lease_until > clock_timestamp() AS leased,
            opened_at > clock_timestamp() - interval '${TOGETHER_MILLISECONDS} milliseconds' AS fresh
       FROM till WHERE key_id = $1 AND till = $2 AND superseded_at IS NULL FOR UPDATE`,
    place,
  );
  if (current && current.organization_id !== ask.organization_id)
    throw new Refused('not_found', { message: 'There is no such key.' });
  const epoch = Number(current?.epoch ?? 0);
  if (current?.run === ask.run) {
    if (ask.epoch === 0 && current.fresh) return { state: 'opened', epoch };
    // Asked before another asker opened the till anew; but if nobody came to use that one, there is none to protect.
    if (ask.epoch > 0 && ask.epoch < epoch && current.leased) return { state: 'superseded', epoch };
  } else if (current && (await isReplaced(tx, ask, leases))) return { state: 'superseded', epoch };
  return openTill(tx, ask, epoch, leases);
}

/** A server that another one took over from is not listened to for as long as its slices may still be out. */
async function isReplaced(tx: EntityManager, { key_id, till, run }: TillAsk, leases: Leases): Promise<boolean> {
  const old: unknown[] = await tx.query(
    `SELECT 1 FROM till WHERE key_id = $1 AND till = $2 AND run = $3
        AND superseded_at > clock_timestamp() - interval '${leases.lease + leases.aftermath} milliseconds'`,
    [key_id, till, run],
  );
  return old.length > 0;
}

/** An epoch is the second it began in, or one more than the last: a number that is never used again, with nothing to keep. */
export async function openTill(tx: EntityManager, ask: TillAsk, last: number, leases: Leases): Promise<Entered> {
  if (last > 0)
    await tx.query(
      'UPDATE till SET superseded_at = clock_timestamp() WHERE key_id = $1 AND till = $2 AND superseded_at IS NULL',
      [ask.key_id, ask.till],
    );
  const [opened]: { epoch: string }[] = await tx.query(
    `INSERT INTO till (key_id, till, epoch, organization_id, run, opened_at, lease_until)
     VALUES ($1, $2, greatest($3 + 1, extract(epoch FROM clock_timestamp())::bigint), $4, $5, clock_timestamp(), ${until(leases.lease)})
     ON CONFLICT DO NOTHING RETURNING epoch`,
    [ask.key_id, ask.till, Math.max(last, ask.epoch), ask.organization_id, ask.run],
  );
  return opened ? { state: 'opened', epoch: Number(opened.epoch) } : { state: 'raced' };
}
