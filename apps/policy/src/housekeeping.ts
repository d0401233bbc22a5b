import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Clock } from '#runtime/clock';
import { KIT, type PolicyKit } from './kit.js';

const HOUR = 3_600_000;
const KEEP = 24 * HOUR;

/** Clears away, once an hour, the answers that nobody can ask for again. Doing it twice does no harm. */
@Injectable()
export class Housekeeping implements OnApplicationBootstrap, OnApplicationShutdown {
  private timer?: NodeJS.Timeout;

  constructor(
    private readonly db: DataSource,
    private readonly clock: Clock,
    @Inject(KIT) private readonly kit: Pick<PolicyKit, 'log'>,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void this.tidy(), HOUR);
    void this.tidy();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  private async tidy(): Promise<void> {
    try {
      await this.db.query('DELETE FROM idempotency WHERE at < $1', [new Date(this.clock.now() - KEEP)]);
    } catch (error) {
      this.kit.log.warn({ err: error }, 'old answers were not cleared away');
    }
  }
}
