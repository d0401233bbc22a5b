import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { PeopleRpc } from '#contracts/people';
import { BusClient } from '#rpc/client';
import { nowAndThen } from '#rpc/now-and-then';
import { KIT, type UsageKit } from '../kit.js';

const RETRY_MILLISECONDS = 1000;
const TELL_MILLISECONDS = 900;

/** Tells the keys service who pays in advance, until it knows: from then on gateways ask for credits. */
@Injectable()
export class Prepayers implements OnApplicationBootstrap, OnApplicationShutdown {
  private timer?: NodeJS.Timeout;
  private telling?: Promise<void>;
  private readonly complain = nowAndThen(
    () => this.kit.log,
    'the keys service could not be told yet who pays in advance; trying again',
  );

  constructor(
    private readonly db: DataSource,
    private readonly bus: BusClient,
    @Inject(KIT) private readonly kit: UsageKit,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => {
      this.telling ??= this.tell().finally(() => {
        this.telling = undefined;
      });
    }, RETRY_MILLISECONDS);
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.telling;
  }

  /** Told twice, by two replicas or after a lost answer, it is no news. */
  async tell(): Promise<void> {
    try {
      const waiting: { organization_id: string; currency: string }[] = await this.db.query(
        'SELECT organization_id, currency FROM credit_account WHERE told_at IS NULL ORDER BY random() LIMIT 100',
      );
      // One that is not taken does not keep the others waiting.
      for (const each of waiting) await this.tellOne(each).catch(this.complain);
    } catch (error) {
      this.complain(error);
    }
  }

  private async tellOne(asked: { organization_id: string; currency: string }): Promise<void> {
    await this.bus.call(PeopleRpc.setPrepaid, asked, { timeoutMs: TELL_MILLISECONDS });
    await this.db.query(
      'UPDATE credit_account SET told_at = clock_timestamp() WHERE organization_id = $1 AND currency = $2',
      [asked.organization_id, asked.currency],
    );
  }
}
