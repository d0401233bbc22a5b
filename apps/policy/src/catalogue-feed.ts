import { hash } from 'node:crypto';
import { dirname } from 'node:path';
import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { type Catalogue, PolicyEvents } from '#contracts/policy';
import { EventPublisher } from '#rpc/events';
import { beat } from '#rpc/heartbeat';
import { Clock } from '#runtime/clock';
import { watchFiles } from '#runtime/file-watch';
import { loadCatalogue } from './catalogue.js';
import { KIT, type PolicyKit } from './kit.js';
import { newestCatalogue } from './store/catalogues.js';
import { PublishedCatalogue } from './store/entities.js';

type Content = Omit<Catalogue, 'revision'>;

const BEAT_MILLISECONDS = 1000;

/**
 * Publishes this replica's catalogue if it is a new one, and tells gateways which revision is the newest. The operator's
 * file is read again when it changes; one with a mistake in it is not taken, and what was there before stays.
 */
@Injectable()
export class CatalogueFeed implements OnApplicationBootstrap, OnApplicationShutdown {
  private timer?: NodeJS.Timeout;
  private stopWatching?: () => void;
  /** What this replica means to be published. */
  private content!: Content;
  private isPublished = false;
  private newest = 0;
  private told = 0;

  constructor(
    private readonly db: DataSource,
    private readonly events: EventPublisher,
    private readonly clock: Clock,
    @Inject(KIT) private readonly kit: PolicyKit,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    const { config, log } = this.kit;
    this.content = loadCatalogue(config);
    await this.publish();
    const file = config.KEYWARD_CATALOGUE_FILE;
    if (file)
      this.stopWatching = watchFiles({ dir: dirname(file), what: 'the catalogue is', log }, () => void this.reload());
    this.timer = setInterval(() => void this.pulse(), BEAT_MILLISECONDS);
    await this.pulse();
  }

  onApplicationShutdown(): void {
    this.stopWatching?.();
    clearInterval(this.timer);
  }

  private async reload(): Promise<void> {
    const { config, log } = this.kit;
    let content: Content;
    try {
      content = loadCatalogue(config);
    } catch (error) {
      log.error({ err: error }, 'the catalogue is not taken: the one from before stays');
      return;
    }
    // Not what is published counts, but what was here before: a comment must not undo what another replica published.
    if (digestOf(content) === digestOf(this.content)) return;
    this.content = content;
    this.isPublished = false;
    log.info({ models: content.models.length }, 'another catalogue from now on');
    await this.pulse();
  }

  private async publish(): Promise<void> {
    const { content } = this;
    const digest = digestOf(content);
    const revision = await this.db.transaction(async (tx) => {
      await tx.query("SELECT pg_advisory_xact_lock(hashtext('keyward:catalogue'))");
      const newest = await newestCatalogue(tx);
      if (newest?.digest === digest) return Number(newest.revision);
      const revision = Number(newest?.revision ?? 0) + 1;
      await tx.insert(PublishedCatalogue, {
        revision: String(revision),
        content,
        digest,
        publishedAt: this.clock.date(),
      });
      return revision;
    });
    this.newest = Math.max(this.newest, revision);
    if (content === this.content) this.isPublished = true;
  }

  private async pulse(): Promise<void> {
    try {
      if (!this.isPublished) await this.publish();
      this.newest = Math.max(this.newest, Number((await newestCatalogue(this.db.manager))?.revision ?? 0));
    } catch {
      // Without Postgres no newer one can have been published, and this one’s is tried again with the next beat.
    }
    beat(this.kit.bus, { service: 'policy', revision: this.newest, sent_at: this.clock.now() });
    if (this.told === this.newest) return;
    try {
      await this.events.publish(PolicyEvents.catalogueChanged, { revision: this.newest }, { revision: this.newest });
      this.told = this.newest;
    } catch (error) {
      this.kit.log.warn({ err: error }, 'the new catalogue could not be told; trying again');
    }
  }
}

function digestOf(content: Content): string {
  return hash('sha256', JSON.stringify(content), 'base64url');
}
