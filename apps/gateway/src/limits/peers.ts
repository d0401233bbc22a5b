import type { NatsConnection } from '@nats-io/transport-node';
import { onBeat } from '#rpc/heartbeat';

/** A gateway that has said nothing for so long does not admit anything either, as far as we know. */
const GONE_MILLISECONDS = 3000;

/** The gateways that live, by their heartbeats: among how many the rates are shared while nobody counts for all. */
export class Peers {
  private readonly seen = new Map<string, number>();
  private readonly stopBeats: () => void;

  constructor(
    bus: NatsConnection,
    private readonly me: string,
    private readonly now: () => number = Date.now,
  ) {
    this.stopBeats = onBeat(bus, 'gateway', ({ instance, leaving }) => {
      if (instance === undefined) return;
      if (leaving) this.seen.delete(instance);
      else this.seen.set(instance, this.now());
    });
  }

  all(): readonly string[] {
    const due = this.now() - GONE_MILLISECONDS;
    // Who does not hear itself would not hear the others either: they may all be there, and let in their shares.
    const hears = (this.seen.get(this.me) ?? 0) >= due;
    if (hears) for (const [instance, at] of this.seen) if (at < due) this.seen.delete(instance);
    return [...new Set([this.me, ...this.seen.keys()])];
  }

  stop(): void {
    this.stopBeats();
  }
}
