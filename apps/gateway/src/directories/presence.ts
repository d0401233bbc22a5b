import type { NatsConnection } from '@nats-io/transport-node';
import { beat } from '#rpc/heartbeat';

const BEAT_MILLISECONDS = 1000;

interface Says {
  readonly revision: () => number;
  /** The oldest request that the ledger may not know of. */
  readonly unsettledSince: () => number | null;
  /** The gateways whose spools it has taken over. */
  readonly tookOver: () => string[];
}

/**
 * Says that this gateway is there and which changes of keys it has applied: every second, and at once after each. That
 * is how a disabled key gets its receipt.
 */
export class Presence {
  private readonly timer: NodeJS.Timeout;
  private told = false;

  constructor(
    private readonly bus: NatsConnection,
    private readonly instance: string,
    private readonly says: Says,
  ) {
    this.timer = setInterval(() => this.tell(), BEAT_MILLISECONDS);
    this.tell();
  }

  /** Many changes that come together are confirmed with one beat. */
  applied(): void {
    if (this.told) return;
    this.told = true;
    setImmediate(() => {
      this.told = false;
      this.tell();
    });
  }

  stop(): void {
    clearInterval(this.timer);
    this.tell(true);
  }

  private tell(leaving?: boolean): void {
    const { instance } = this;
    const unsettled_since = this.says.unsettledSince();
    const took_over = this.says.tookOver();
    const revision = this.says.revision();
    const told = { revision, sent_at: Date.now(), unsettled_since, took_over, leaving };
    beat(this.bus, { service: 'gateway', instance, ...told });
  }
}
