import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { GatewayRpc } from '#contracts/gateway';
import { Refused } from '#contracts/refusals';
import type { ReservationsRpc } from '#contracts/reservations';
import type { Answers, Asked, CallContext } from '#contracts/rpc';
import { newId } from '#domain/id';
import { digestOf } from '#domain/key/secret';
import { formatMoney } from '#domain/money';
import { BusClient } from '#rpc/client';
import { Clock } from '#runtime/clock';
import { answerTo, claim, keepAnswer } from '#runtime/store/idempotency';
import { keepHolds } from '../bank/kept-holds.js';
import type { Admitted } from './reservation-row.js';
import { TillTeller } from './till-teller.js';

type Ask = Asked<typeof GatewayRpc.admitCall>;
export type Who = Ask['who'];
export type Wanted = Omit<Asked<typeof ReservationsRpc.reserve>, 'key'>;
export type Reply = Answers<typeof ReservationsRpc.reserve>;

/** What was asked with an Idempotency-Key. */
interface Once {
  readonly actor: string;
  readonly key: string;
  readonly asked: unknown;
}

const ONCE = 'reserve';
/** With what was waited before, within the second in which a caller is answered. */
const ADMIT_MILLISECONDS = 900;
/** Its money stays where it is until its end is written, and that takes a moment. */
const WRITING_MILLISECONDS = 60_000;

/** Lets a call in at a gateway, and writes down that it is under way: from here on any replica can end it. */
@Injectable()
export class Reserving {
  constructor(
    private readonly db: DataSource,
    private readonly bus: BusClient,
    private readonly clock: Clock,
    private readonly tills: TillTeller,
  ) {}

  async run(who: Who, wanted: Wanted, context: CallContext): Promise<Reply> {
    const { idempotencyKey: key, actor } = context;
    // Of a key only its digest: what was asked is kept beside the Idempotency-Key.
    const once =
      key === undefined ? null : { actor, key, asked: [ONCE, 'key' in who ? digestOf(who.key) : who, wanted] };
    const before = await this.answered(once);
    if (before) return before;
    // Outside of any transaction: a gateway may have to ask the bank, which is here, and needs a connection for that.
    const { expires_in_seconds, ...call } = wanted;
    const expiresAt = new Date(this.clock.now() + expires_in_seconds * 1000).toISOString();
    const admitted = await this.admit(who, call, expiresAt, context);
    // What was asked twice at once may be denied because it was let in.
    if (!admitted.reserved) return (await this.answered(once)) ?? admitted;
    return this.keep(admitted, expiresAt, once, context);
  }

  private async answered(once: Once | null): Promise<Reply | null> {
    if (!once) return null;
    const found = await answerTo(this.db, once.actor, once.key, once.asked);
    return found && (found.answer as Reply);
  }

  private admit(who: Who, call: Ask['call'], expires_at: string, { requestId, deadline }: CallContext) {
    const request_id = newId('request', this.clock.now(), randomBytes(10));
    const options = { requestId, deadline, timeoutMs: ADMIT_MILLISECONDS };
    return this.bus.call(GatewayRpc.admitCall, { request_id, who, call, expires_at }, options);
  }

  private async keep(
    admitted: Admitted,
    expiresAt: string,
    once: Once | null,
    { deadline = Number.POSITIVE_INFINITY }: CallContext,
  ): Promise<Reply> {
    const id = newId('reservation', this.clock.now(), randomBytes(10));
    const reply = replyOf(id, admitted, expiresAt);
    let kept: Reply | null = null;
    try {
      kept = await this.db.transaction(async (tx) => {
        const repeated = once && (await claim(tx, once.actor, once.key, once.asked, this.clock.date()));
        if (repeated) return repeated.answer as Reply;
        // Whoever asked has gone, and would never know that it could have begun.
        if (!once && Date.now() > deadline)
          throw new Refused('service_unavailable', { message: 'The deadline of this request has passed.' });
        await this.write(tx, id, admitted, expiresAt);
        if (once) await keepAnswer(tx, once.actor, once.key, reply);
        return reply;
      });
      return kept;
    } finally {
      if (kept !== reply && admitted.held)
        void this.tills.tell(admitted.held, { cost: '0', tokens: null, ownKey: false });
    }
  }

  private async write(tx: EntityManager, id: string, answer: Admitted, expiresAt: string): Promise<void> {
    const { event, tariffs, amount_nanos, held } = answer;
    const { request_id, organization_id, key_id, at } = event;
    await tx.query(
      `INSERT INTO reservation (id, request_id, organization_id, event, tariffs, amount_nanos, held, created_at, expires_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
      [
        ...[id, request_id, organization_id, JSON.stringify(event), JSON.stringify(tariffs), amount_nanos],
        ...[held && JSON.stringify(held), at, expiresAt],
      ],
    );
    if (!held?.buckets.length) return;
    const { till, epoch, buckets } = held;
    const hold = { request_id, organization_id, key_id, till, epoch, admitted_at: at, held: buckets };
    const kept = await keepHolds(tx, [hold], Date.parse(expiresAt) - this.clock.now() + WRITING_MILLISECONDS);
    if (kept.length === 0)
      throw new Refused('service_unavailable', { cause: new Error(`the till of ${key_id} has been closed meanwhile`) });
  }
}

function replyOf(id: string, { event, tariffs, name, ...admitted }: Admitted, expiresAt: string): Reply {
  return {
    reserved: true,
    reservation_id: id,
    request_id: event.request_id,
    organization_id: event.organization_id,
    project_id: event.project_id,
    key_id: event.key_id,
    name,
    providers: tariffs.map(({ provider }) => provider),
    max_output_tokens: admitted.max_output_tokens,
    held: formatMoney(BigInt(admitted.amount_nanos)),
    currency: event.currency,
    expires_at: expiresAt,
    ratelimit: admitted.ratelimit,
    budget: admitted.budget,
  };
}
