import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Told } from '#contracts/event';
import { PROVIDER_KEYS_BEAT, ProviderKeysEvents } from '#contracts/provider-keys';
import { EventPublisher } from '#rpc/events';
import { beat } from '#rpc/heartbeat';
import { Clock } from '#runtime/clock';
import { KIT, type PolicyKit } from './kit.js';
import { readHead } from './store/provider-keys.js';

const BEAT_MILLISECONDS = 1000;

/**
 * Tells gateways whose own provider keys are other now. An event is quick and may be lost; the revision in the heartbeat
 * shows that within a second, and a gateway then asks anew for all it holds.
 */
@Injectable()
export class ProviderKeyFeed implements OnApplicationBootstrap, OnApplicationShutdown {
  private timer?: NodeJS.Timeout;

  constructor(
    private readonly db: DataSource,
    private readonly events: EventPublisher,
    private readonly clock: Clock,
    @Inject(KIT) private readonly kit: PolicyKit,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void this.pulse(), BEAT_MILLISECONDS);
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  tell(change: Told<typeof ProviderKeysEvents.providerKeysChanged>): void {
    const { revision } = change;
    this.events.publish(ProviderKeysEvents.providerKeysChanged, change, { revision }).catch((error: unknown) => {
      this.kit.log.warn({ err: error }, 'a change of provider keys could not be told; the heartbeat will show it');
    });
  }

  private async pulse(): Promise<void> {
    try {
      const revision = await readHead(this.db.manager);
      beat(this.kit.bus, { service: PROVIDER_KEYS_BEAT, revision, sent_at: this.clock.now() });
    } catch {
      // Without Postgres nothing can have changed.
    }
  }
}
