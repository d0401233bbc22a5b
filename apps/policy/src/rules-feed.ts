import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import type { Told } from '#contracts/event';
import { RULES_BEAT, RulesEvents } from '#contracts/rules';
import { ChangeTeller } from '#rpc/change-teller';
import { EventPublisher } from '#rpc/events';
import { Clock } from '#runtime/clock';
import { appendChange, markTold, readHead, waitingChanges } from '#runtime/store/change-log';
import { KIT, type PolicyKit } from './kit.js';
import type { Bound } from './store/rule-sets.js';

type Change = Told<typeof RulesEvents.rulesChanged>;

/** Tells gateways whose rules changed. */
@Injectable()
export class RulesFeed implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly teller: ChangeTeller<Change>;

  constructor(db: DataSource, events: EventPublisher, clock: Clock, @Inject(KIT) { bus, log }: PolicyKit) {
    this.teller = new ChangeTeller({
      bus,
      beats: RULES_BEAT,
      untold: {
        head: () => readHead(db),
        waiting: () => waitingChanges<Omit<Change, 'revision' | 'at'>>(db),
        publish: async (change) => {
          await events.publish(RulesEvents.rulesChanged, change, { revision: change.revision });
        },
        markTold: (revisions) => markTold(db, revisions, clock.date()),
      },
      now: () => clock.now(),
      log,
    });
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.teller.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.teller.stop();
  }

  /** In the transaction of the change, as its last statement. */
  async record(db: EntityManager, { organizationId, level, subject }: Bound, at: Date): Promise<void> {
    await appendChange(db, { organization_id: organizationId, level, subject, at });
  }

  /** After the commit: whoever is told that it is done may count on the gateways having been told. */
  tell(): Promise<void> {
    return this.teller.tell();
  }
}
