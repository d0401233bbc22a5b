import type { NatsConnection } from '@nats-io/transport-node';
import { type Beat, onBeat } from '#rpc/heartbeat';

/** Who has said nothing for so long has died, or will be told so when it asks again. */
const SILENCE_MILLISECONDS = 10_000;
/** After so long every gateway there is has been heard. */
const LISTEN_MILLISECONDS = 5000;

interface Heard {
  readonly at: number;
  readonly unsettledSince: number | null;
}

/** The gateways there are, and since when each has requests that have ended and are not in the ledger. */
export class LivingGateways {
  private readonly heard = new Map<string, Heard>();
  private readonly since: number;
  private readonly stopListening: () => void;

  constructor(
    bus: NatsConnection,
    private readonly now: () => number = Date.now,
  ) {
    this.since = now();
    this.stopListening = onBeat(bus, 'gateway', (beat) => this.hear(beat));
  }

  stop(): void {
    this.stopListening();
  }

  /** Every request that was admitted before and has ended is told; null while that is not known yet. */
  toldUpTo(): number | null {
    const now = this.now();
    if (now - this.since < LISTEN_MILLISECONDS) return null;
    for (const [instance, { at }] of this.heard) if (now - at > SILENCE_MILLISECONDS) this.heard.delete(instance);
    return Math.min(now, ...[...this.heard.values()].map(({ at, unsettledSince }) => unsettledSince ?? at));
  }

  private hear({ instance, unsettled_since = null, leaving }: Beat): void {
    if (instance === undefined) return;
    if (leaving) this.heard.delete(instance);
    else this.heard.set(instance, { at: this.now(), unsettledSince: unsettled_since });
  }
}
