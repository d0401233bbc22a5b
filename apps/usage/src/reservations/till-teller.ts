import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { GatewayRpc } from '#contracts/gateway';
import { BusClient } from '#rpc/client';
import { type Held, type Reservation } from './reservation-row.js';

const TELL_MILLISECONDS = 900;

interface CameTo {
  readonly cost: string;
  /** Null: it was never made. */
  readonly tokens: number | null;
  readonly ownKey: boolean;
}

/** Tells tills, through any gateway, what calls came to that they hold something for. */
@Injectable()
export class TillTeller {
  constructor(
    private readonly db: DataSource,
    private readonly bus: BusClient,
  ) {}

  /** What is not heard is told again (`expiry.ts`): money that lies in a till would wait for the end of its hold. */
  async tellEnd({ id, held, state, event, cost_nanos }: Reservation, tokens: number | null): Promise<void> {
    if (held === null || state === 'open') return;
    const cameTo = { cost: cost_nanos ?? '0', tokens: state === 'cancelled' ? null : tokens, ownKey: event.own_key };
    // Rates alone are told once: twice, they would be corrected twice.
    if (!held.is_kept) await this.forget(id);
    if ((await this.tell(held, cameTo)) && held.is_kept) await this.forget(id);
  }

  async tell(held: Held, { cost, tokens, ownKey }: CameTo): Promise<boolean> {
    const { till, key_id, request_id, is_kept, counted } = held;
    const request = {
      ...{ till, key_id, request_id, is_kept, cost_nanos: cost, own_key: ownKey, second: counted?.second ?? 0 },
      requests_off: counted && tokens === null ? -1 : 0,
      tokens_off: counted ? (tokens ?? 0) - counted.tokens : 0,
    };
    if (!is_kept && request.requests_off === 0 && request.tokens_off === 0) return true;
    try {
      return (await this.bus.call(GatewayRpc.settleHold, request, { timeoutMs: TELL_MILLISECONDS })).done;
    } catch {
      return false;
    }
  }

  async extend({ till, key_id, request_id }: Held, seconds: number): Promise<void> {
    // One that is not heard of matters little: the bank keeps the money, and says so to whoever finds the hold.
    await this.bus
      .call(GatewayRpc.extendHold, { till, key_id, request_id, seconds }, { timeoutMs: TELL_MILLISECONDS })
      .catch(() => {});
  }

  private forget(id: string): Promise<unknown> {
    return this.db.query('UPDATE reservation SET held = NULL WHERE id = $1', [id]);
  }
}
