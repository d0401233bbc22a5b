import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { Freshness } from './freshness.js';
import { BOOKS_STORE, KIT, type UsageKit } from './kit.js';
import { foldMinutes } from './store/folding.js';

const EVERY_MILLISECONDS = 5000;
/** Most requests of a minute have ended this long after it: what comes later is added to its hour and day one by one. */
const LATE_MILLISECONDS = 120_000;
const QUICK_MILLISECONDS = 200;

/** Adds finished minutes to their hours and days: once for each minute, where each batch would do it again and again. */
@Injectable()
export class Folding implements OnApplicationBootstrap, OnApplicationShutdown {
  private timer?: NodeJS.Timeout;
  private folding?: Promise<void>;
  private stopping = false;

  constructor(
    @Inject(BOOKS_STORE) private readonly db: DataSource,
    private readonly freshness: Freshness,
    @Inject(KIT) private readonly kit: UsageKit,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => {
      this.folding ??= this.fold()
        .catch((error: unknown) => this.kit.log.warn({ err: error }, 'minutes are not in their hours yet'))
        .finally(() => {
          this.folding = undefined;
        });
    }, EVERY_MILLISECONDS);
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopping = true;
    clearInterval(this.timer);
    await this.folding;
  }

  /** As many minutes at a time as are quickly done: the ledger waits meanwhile. */
  async fold(before = Date.parse(this.freshness.asOf()) - LATE_MILLISECONDS): Promise<void> {
    let minutes = 1;
    for (let more = true; more && !this.stopping; ) {
      const began = performance.now();
      more = await foldMinutes(this.db, before, minutes);
      minutes = performance.now() - began < QUICK_MILLISECONDS ? minutes * 2 : 1;
    }
  }
}
