import type { NatsConnection } from '@nats-io/transport-node';
import type { Leases } from '#domain/budget/leases';
import { type Beat, onBeat } from '#rpc/heartbeat';

/** Who has said nothing for so long has died, or will be told so when it asks again. */
const SILENCE_MILLISECONDS = 10_000;
/**
 * One that could not tell what it had for a while leaves it in its spool when it goes. Whoever finds that says so, and is
 * asked from then on; until then it is waited for, and no longer than this: a spool can be lost as well.
 */
const BEHIND_MILLISECONDS = 15_000;
const MISSING_MILLISECONDS = 600_000;
/** After so long every gateway there is has been heard. */
const LISTEN_MILLISECONDS = 5000;

interface Heard {
  readonly at: number;
  readonly toldUpTo: number;
  /** How long it may be silent. */
  readonly patience: number;
}

/**
 * Up to when the gateways have told of everything that was spent. One under way is no part of that: for as long as a lease
 * and a hold last it lives by itself, and after that only where its till was renewed or the bank knows of it.
 */
export class LivingGateways {
  private readonly heard = new Map<string, Heard>();
  private readonly since: number;
  private readonly stopListening: () => void;

  constructor(
    bus: NatsConnection,
    private readonly leases: Leases,
    private readonly now: () => number = Date.now,
  ) {
    this.since = now();
    this.stopListening = onBeat(bus, 'gateway', (beat) => this.hear(beat));
  }

  stop(): void {
    this.stopListening();
  }

  /** Of a lease that ended before, everything is told that was not kept; null while that is not known yet. */
  toldUpTo(): number | null {
    const now = this.now();
    if (now - this.since < LISTEN_MILLISECONDS) return null;
    for (const [instance, { at, patience }] of this.heard) if (now - at > patience) this.heard.delete(instance);
    return Math.min(now - this.leases.hold, ...[...this.heard.values()].map(({ toldUpTo }) => toldUpTo));
  }

  private hear({ instance, sent_at, unsettled_since, took_over = [], leaving }: Beat): void {
    if (instance === undefined) return;
    const at = this.now();
    // What it had under way when it said so may have ended since; a beat may have lain in a frozen server for a while.
    const toldUpTo = Math.min(unsettled_since ?? at, Math.min(at, sent_at) - this.leases.hold);
    for (const gone of took_over) this.heard.delete(gone);
    const isBehind = sent_at - (unsettled_since ?? sent_at) > BEHIND_MILLISECONDS;
    const patience = isBehind ? MISSING_MILLISECONDS : SILENCE_MILLISECONDS;
    if (leaving && !isBehind) this.heard.delete(instance);
    else this.heard.set(instance, { at, toldUpTo, patience });
  }
}
