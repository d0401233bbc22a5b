import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { LimitEvents } from '#contracts/limits';
import { formatMoney } from '#domain/money';
import { EventPublisher } from '#rpc/events';
import { KIT, type UsageKit } from '../kit.js';

const EVERY_MILLISECONDS = 1000;
const AT_ONCE = 100;

interface Row {
  revision: string;
  bucket_id: string;
  organization_id: string;
  percent: 80 | 90 | 100;
  limit_nanos: string;
  used_nanos: string;
  at: Date;
}

/** Tells the bus what was noted of limits. Told twice, by two replicas or after a lost answer, it is stored once. */
@Injectable()
export class LimitFeed implements OnApplicationBootstrap, OnApplicationShutdown {
  private timer?: NodeJS.Timeout;
  private telling?: Promise<void>;

  constructor(
    private readonly db: DataSource,
    private readonly events: EventPublisher,
    @Inject(KIT) private readonly kit: UsageKit,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => {
      this.telling ??= this.tell().finally(() => {
        this.telling = undefined;
      });
    }, EVERY_MILLISECONDS);
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.telling;
  }

  private async tell(): Promise<void> {
    try {
      const rows: Row[] = await this.db.query(`SELECT * FROM limit_event ORDER BY revision LIMIT ${AT_ONCE}`);
      for (const row of rows) {
        const revision = Number(row.revision);
        await this.events.publish(LimitEvents.threshold, { revision, ...payloadOf(row) }, { revision });
        await this.db.query('DELETE FROM limit_event WHERE revision = $1', [row.revision]);
      }
    } catch (error) {
      this.kit.log.warn({ err: error }, 'what is spent of limits could not be told yet; trying again');
    }
  }
}

function payloadOf({ bucket_id, organization_id, percent, limit_nanos, used_nanos, at }: Row) {
  const [holder = '', , window_start = null] = bucket_id.split('/');
  return {
    organization_id,
    holder,
    bucket: bucket_id,
    window_start,
    percent,
    limit: formatMoney(BigInt(limit_nanos)),
    used: formatMoney(BigInt(used_nanos)),
    at: at.toISOString(),
  };
}
