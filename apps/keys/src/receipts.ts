import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Receipt } from '#contracts/keys';
import { type Beat, onBeat } from '#rpc/heartbeat';
import { readHead } from '#runtime/store/change-log';
import { type KeysKit, KIT } from './kit.js';
import type { Done } from './mutation/mutations.js';

/**
 * A gateway that is silent for this long is gone. Longer than it would serve the keys it has in memory without a sign
 * of life: until then it may still let a revoked key pass, and no receipt may leave it out.
 */
const GONE_MILLISECONDS = 12_000;
const WAIT_MILLISECONDS = 2000;
/** Every gateway speaks once a second: before that, who has not spoken may still be there. */
const ROLL_CALL_MILLISECONDS = 1200;

/** What is waited for: the revision of a change, null where nothing was changed, and when it became true. */
export type Change = Pick<Done<unknown>, 'revision' | 'committedAt'>;

interface Gateway {
  readonly revision: number;
  /** When it was first heard to be there, on the clock of `performance.now()`. */
  readonly reachedAt: number;
  readonly heardAt: number;
}

/** Which gateways are there and how far they have come: each says so every second, and at once when it has applied a change. */
@Injectable()
export class Receipts implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly gateways = new Map<string, Gateway>();
  private readonly waiting = new Set<() => void>();
  private listeningSince = Number.NEGATIVE_INFINITY;
  private stop?: () => void;

  constructor(
    @Inject(KIT) private readonly kit: Pick<KeysKit, 'bus'>,
    private readonly db: DataSource,
  ) {}

  onApplicationBootstrap(): void {
    this.listeningSince = performance.now();
    this.stop = onBeat(this.kit.bus, 'gateway', (beat) => this.hear(beat));
  }

  onApplicationShutdown(): void {
    this.stop?.();
  }

  /**
   * Resolves when every gateway has confirmed the revision, or two seconds have passed: then it says who has not.
   * With null nothing was changed just now, and what is confirmed is that all that was changed before is known.
   */
  async waitFor({ revision, committedAt }: Change): Promise<Receipt> {
    const wanted = revision ?? (await readHead(this.db));
    await this.until(() => {
      const { confirmed, alive } = this.count(wanted);
      return confirmed.length === alive && performance.now() - this.listeningSince >= ROLL_CALL_MILLISECONDS;
    });
    const { confirmed, alive } = this.count(wanted);
    const took = confirmed.map(({ reachedAt }) => Math.max(0, Math.round(reachedAt - committedAt)));
    return { gateways: alive, acknowledged: confirmed.length, slowest_ms: took.length ? Math.max(...took) : null };
  }

  /** Asked whenever a gateway has spoken, for as long as anybody is willing to wait. */
  private until(isComplete: () => boolean): Promise<void> {
    if (isComplete()) return Promise.resolve();
    return new Promise((resolve) => {
      const finish = () => {
        clearTimeout(timer);
        this.waiting.delete(check);
        resolve();
      };
      const check = () => {
        if (isComplete()) finish();
      };
      const timer = setTimeout(finish, WAIT_MILLISECONDS);
      this.waiting.add(check);
    });
  }

  private hear({ instance, revision, leaving }: Beat): void {
    if (instance === undefined) return;
    const [known, now] = [this.gateways.get(instance), performance.now()];
    const reachedAt = known?.revision === revision ? known.reachedAt : now;
    if (leaving) this.gateways.delete(instance);
    else this.gateways.set(instance, { revision, reachedAt, heardAt: now });
    for (const check of this.waiting) check();
  }

  private count(revision: number): { alive: number; confirmed: Gateway[] } {
    const now = performance.now();
    for (const [instance, { heardAt }] of this.gateways)
      if (now - heardAt > GONE_MILLISECONDS) this.gateways.delete(instance);
    const known = [...this.gateways.values()];
    return { alive: known.length, confirmed: known.filter((gateway) => gateway.revision >= revision) };
  }
}
