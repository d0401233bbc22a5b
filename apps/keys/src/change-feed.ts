import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { KeysEvents } from '#contracts/keys';
import { EventPublisher } from '#rpc/events';
import { beat } from '#rpc/heartbeat';
import type { Kit } from '#runtime/app';
import { Clock } from '#runtime/clock';
import { KIT } from './kit.js';
import { markTold, readHead, type Untold, untoldChanges } from './store/changes.js';
import { ResolvedKeys } from './store/resolved-keys.js';

const BEAT_MILLISECONDS = 1000;

/**
 * Tells the bus what changed. Every change waits in Postgres until JetStream has it, so that a change whose teller died
 * is told by another replica a second later; being told twice does no harm, JetStream drops the copy.
 */
@Injectable()
export class ChangeFeed implements OnApplicationBootstrap, OnApplicationShutdown {
  private timer?: NodeJS.Timeout;
  private running?: Promise<void>;
  private again = false;
  private head = 0;

  constructor(
    private readonly db: DataSource,
    private readonly events: EventPublisher,
    private readonly clock: Clock,
    private readonly resolved: ResolvedKeys,
    @Inject(KIT) private readonly kit: Kit<unknown>,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    this.timer = setInterval(() => void this.pulse(), BEAT_MILLISECONDS);
    await this.pulse();
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.running;
  }

  /** The newest revision this replica knows of. */
  get revision(): number {
    return this.head;
  }

  /** After a commit: tell it now. Calls that come while it is being told are told in one more round. */
  tell(): Promise<void> {
    if (this.running) {
      this.again = true;
      return this.running;
    }
    this.running = this.tellAll();
    return this.running;
  }

  private async tellAll(): Promise<void> {
    do {
      this.again = false;
      try {
        for (let untold = await untoldChanges(this.db); untold.length; untold = await untoldChanges(this.db)) {
          for (const change of untold) {
            await this.publish(change);
            this.head = Math.max(this.head, change.revision);
          }
          await markTold(
            this.db,
            untold.map((change) => change.revision),
            this.clock.date(),
          );
        }
      } catch (error) {
        this.kit.log.warn({ err: error }, 'changes could not be told; trying again');
        break;
      }
    } while (this.again);
    // In the same breath as the last look at `again`: nobody can ask for one more round in between and be forgotten.
    this.running = undefined;
  }

  private async publish({ leak, ...change }: Untold): Promise<void> {
    const { revision, organization_id, project_id, key_id } = change;
    await this.events.publish(KeysEvents.keyChanged, change, { revision });
    if (!leak || !organization_id || !project_id || !key_id) return;
    const told = { ...change, ...leak, organization_id, project_id, key_id };
    await this.events.publish(KeysEvents.keyLeaked, told, { revision });
  }

  /** The heartbeat carries the newest revision: a gateway that has missed an event sees the gap within a second. */
  private async pulse(): Promise<void> {
    try {
      // As it is, also where it is lower than before: keys that came back from a backup are older than what was told.
      this.head = await readHead(this.db);
    } catch {
      // Without Postgres nothing can change either: the head we know is still the head.
    }
    beat(this.kit.bus, { service: 'keys', revision: this.head, sent_at: this.clock.now() });
    // Without Redis there is nothing to agree on.
    this.resolved.agree(() => readHead(this.db)).catch(() => {});
    await this.tell();
  }
}
