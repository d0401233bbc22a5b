import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { LimitEvents } from '#contracts/limits';
import { formatMoney } from '#domain/money';
import { EventPublisher } from '#rpc/events';
import { nowAndThen } from '#rpc/now-and-then';
import { KIT, type UsageKit } from '../kit.js';

const EVERY_MILLISECONDS = 1000;
const AT_ONCE = 100;

interface Row {
  revision: string;
  bucket_id: string;
  organization_id: string;
  /** Null: a new window. */
  percent: 80 | 90 | 100 | null;
  limit_nanos: string;
  used_nanos: string;
  at: Date;
}

/** Tells the bus what was noted of limits. Told twice, by two replicas or after a lost answer, it is stored once. */
@Injectable()
export class LimitFeed implements OnApplicationBootstrap, OnApplicationShutdown {
  private timer?: NodeJS.Timeout;
  private telling?: Promise<void>;
  private readonly complain = nowAndThen(
    () => this.kit.log,
    'what is spent of limits could not be told yet; trying again',
  );

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
        await this.publish(row, revision);
        await this.db.query('DELETE FROM limit_event WHERE revision = $1', [row.revision]);
      }
    } catch (error) {
      this.complain(error);
    }
  }

  private async publish(row: Row, revision: number): Promise<void> {
    const { window_start, ...payload } = { revision, ...payloadOf(row) };
    const { percent } = row;
    if (percent !== null) {
      const used = formatMoney(BigInt(row.used_nanos));
      await this.events.publish(LimitEvents.threshold, { ...payload, window_start, percent, used }, { revision });
    } else if (window_start !== null) {
      await this.events.publish(LimitEvents.windowReset, { ...payload, window_start }, { revision });
    }
  }
}

function payloadOf({ bucket_id, organization_id, limit_nanos, at }: Row) {
  const [holder = '', , window_start = null] = bucket_id.split('/');
  return {
    organization_id,
    holder,
    bucket: bucket_id,
    window_start,
    limit: formatMoney(BigInt(limit_nanos)),
    at: at.toISOString(),
  };
}
