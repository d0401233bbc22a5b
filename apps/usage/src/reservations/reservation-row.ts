import type { EntityManager } from 'typeorm';
import type { GatewayRpc } from '#contracts/gateway';
import { Refused } from '#contracts/refusals';
import type { ReservationView } from '#contracts/reservations';
import type { Gets } from '#contracts/rpc';
import type { UsageEvent } from '#contracts/usage';
import { formatMoney } from '#domain/money';

export type Admitted = Extract<Gets<typeof GatewayRpc.admitCall>, { reserved: true }>;
export type Held = NonNullable<Admitted['held']>;

/** A call that a service makes itself: what was decided when it was let in, and what became of it. */
export interface Reservation {
  readonly id: string;
  readonly request_id: string;
  readonly organization_id: string;
  readonly state: ReservationView['state'];
  readonly event: UsageEvent;
  readonly tariffs: Admitted['tariffs'];
  readonly amount_nanos: string;
  readonly held: Held | null;
  readonly provider: string | null;
  readonly cost_nanos: string | null;
  readonly told_digest: string | null;
  readonly created_at: Date;
  readonly expires_at: Date;
  readonly ended_at: Date | null;
}

export async function readReservation(db: Pick<EntityManager, 'query'>, id: string): Promise<Reservation> {
  const [found]: Reservation[] = await db.query('SELECT * FROM reservation WHERE id = $1', [id]);
  if (!found) throw notThere();
  return found;
}

/** By id, locked until the commit, always in the same order: of two who end one, the second sees what the first has done. */
export async function lockReservations(tx: EntityManager, ids: readonly string[]): Promise<Map<string, Reservation>> {
  const found: Reservation[] = await tx.query('SELECT * FROM reservation WHERE id = ANY($1) ORDER BY id FOR UPDATE', [
    ids,
  ]);
  return new Map(found.map((reservation) => [reservation.id, reservation]));
}

export interface End {
  readonly id: string;
  readonly state: 'settled' | 'cancelled' | 'expired';
  readonly provider: string | null;
  /** What the ledger has of it in all; null for what is in no ledger. */
  readonly cost: string | null;
  readonly digest: string | null;
}

/** In the transaction that writes what they came to: nothing keeps their money any more. */
export async function endReservations(tx: EntityManager, ends: readonly End[]): Promise<Reservation[]> {
  if (ends.length === 0) return [];
  const [ended]: [Reservation[], number] = await tx.query(
    `UPDATE reservation r SET state = e.state, provider = coalesce(e.provider, r.provider), cost_nanos = e.cost,
            told_digest = e.digest, ended_at = clock_timestamp()
       FROM unnest($1::text[], $2::text[], $3::text[], $4::numeric[], $5::text[]) AS e(id, state, provider, cost, digest)
      WHERE r.id = e.id RETURNING r.*`,
    [
      ends.map(({ id }) => id),
      ends.map(({ state }) => state),
      ends.map(({ provider }) => provider),
      ends.map(({ cost }) => cost),
      ends.map(({ digest }) => digest),
    ],
  );
  await tx.query('DELETE FROM kept_hold WHERE request_id = ANY($1)', [ended.map(({ request_id }) => request_id)]);
  return ended;
}

export function viewOf(reservation: Reservation): ReservationView {
  const { event, provider, cost_nanos, ended_at } = reservation;
  return {
    reservation_id: reservation.id,
    request_id: reservation.request_id,
    organization_id: event.organization_id,
    project_id: event.project_id,
    key_id: event.key_id,
    state: reservation.state,
    model: event.model,
    provider: provider ?? event.provider,
    held: formatMoney(BigInt(reservation.amount_nanos)),
    cost: cost_nanos === null ? null : formatMoney(BigInt(cost_nanos)),
    currency: event.currency,
    created_at: reservation.created_at.toISOString(),
    expires_at: reservation.expires_at.toISOString(),
    ended_at: ended_at?.toISOString() ?? null,
  };
}

export function notThere(): Refused {
  return new Refused('not_found', { message: 'There is no such reservation, or it ended more than a week ago.' });
}
