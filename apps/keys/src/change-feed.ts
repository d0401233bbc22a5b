import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { KeysEvents } from '#contracts/keys';
import { ChangeTeller } from '#rpc/change-teller';
import { EventPublisher } from '#rpc/events';
import type { Kit } from '#runtime/app';
import { Clock } from '#runtime/clock';
import { markTold, readHead } from '#runtime/store/change-log';
import { KIT } from './kit.js';
import { type Untold, untoldChanges } from './store/changes.js';
import { ResolvedKeys } from './store/resolved-keys.js';

/** Tells gateways which keys changed. */
@Injectable()
export class ChangeFeed implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly teller: ChangeTeller<Untold>;

  constructor(
    db: DataSource,
    private readonly events: EventPublisher,
    clock: Clock,
    resolved: ResolvedKeys,
    @Inject(KIT) { bus, log }: Kit<unknown>,
  ) {
    this.teller = new ChangeTeller({
      bus,
      beats: 'keys',
      untold: {
        head: () => readHead(db),
        waiting: () => untoldChanges(db),
        publish: (change) => this.publish(change),
        markTold: (revisions) => markTold(db, revisions, clock.date()),
      },
      now: () => clock.now(),
      log,
      // Without Redis there is nothing to agree on.
      onBeat: () => void resolved.agree(() => readHead(db)).catch(() => {}),
    });
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.teller.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.teller.stop();
  }

  /** The newest revision this replica knows of. */
  get revision(): number {
    return this.teller.revision;
  }

  tell(): Promise<void> {
    return this.teller.tell();
  }

  private async publish({ leak, ...change }: Untold): Promise<void> {
    const { revision, organization_id, project_id, key_id } = change;
    await this.events.publish(KeysEvents.keyChanged, change, { revision });
    if (!leak || !organization_id || !project_id || !key_id) return;
    const told = { ...change, ...leak, organization_id, project_id, key_id };
    await this.events.publish(KeysEvents.keyLeaked, told, { revision });
  }
}
