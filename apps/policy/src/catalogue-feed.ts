import { dirname } from 'node:path';
import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { PolicyEvents } from '#contracts/policy';
import { EventPublisher } from '#rpc/events';
import { beat } from '#rpc/heartbeat';
import { Clock } from '#runtime/clock';
import { watchFiles } from '#runtime/file-watch';
import { isOutage } from '#runtime/postgres';
import { CatalogueBook, lockCatalogue } from './catalogue-book.js';
import { KIT, type PolicyKit } from './kit.js';
import { newestRevision } from './store/catalogues.js';

const BEAT_MILLISECONDS = 1000;

/**
 * Publishes the catalogue with this replica's file, and tells gateways which revision is the newest. The file is read
 * again when it changes; one with a mistake in it is not taken, and what was there before stays.
 */
@Injectable()
export class CatalogueFeed implements OnApplicationBootstrap, OnApplicationShutdown {
  private timer?: NodeJS.Timeout;
  private stopWatching?: () => void;
  private isPublished = false;
  /** Null while nobody could say yet. */
  private newest: number | null = null;
  private told = 0;

  constructor(
    private readonly db: DataSource,
    private readonly book: CatalogueBook,
    private readonly events: EventPublisher,
    private readonly clock: Clock,
    @Inject(KIT) private readonly kit: PolicyKit,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    const { config, log } = this.kit;
    this.book.readFile();
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

  /** Somebody has changed it here: gateways are told at once, and nobody waits for that. */
  announce(): void {
    void this.pulse();
  }

  private async reload(): Promise<void> {
    const { log } = this.kit;
    try {
      // Not what is published counts, but what was here before: a comment must not undo what another replica published.
      if (!this.book.readFile()) return;
    } catch (error) {
      log.error({ err: error }, 'the catalogue is not taken: the one from before stays');
      return;
    }
    this.isPublished = false;
    log.info('another catalogue file from now on');
    await this.pulse();
  }

  private async publish(): Promise<void> {
    const { file } = this.book;
    const revision = await this.db.transaction(async (tx) => {
      await lockCatalogue(tx);
      return this.book.publish(tx);
    });
    if (typeof revision === 'number') this.reached(revision);
    // The file is good, and so was what is said here, but not together: what gateways have stays as it is.
    else this.kit.log.error({ problems: revision.problems }, 'the catalogue file does not go with what was said here');
    if (file === this.book.file) this.isPublished = true;
  }

  private reached(revision: number): void {
    this.newest = Math.max(this.newest ?? 0, revision);
  }

  private async pulse(): Promise<void> {
    try {
      if (!this.isPublished) await this.publish();
      this.reached(await newestRevision(this.db.manager));
    } catch (error) {
      // Without Postgres no newer one can have been published, and this one’s is tried again with the next beat.
      if (!isOutage(error)) this.kit.log.error({ err: error }, 'the catalogue could not be published; trying again');
    }
    const { newest: revision } = this;
    if (revision === null) return;
    beat(this.kit.bus, { service: 'policy', revision, sent_at: this.clock.now() });
    if (this.told === revision) return;
    try {
      await this.events.publish(PolicyEvents.catalogueChanged, { revision }, { revision });
      this.told = revision;
    } catch (error) {
      this.kit.log.warn({ err: error }, 'the new catalogue could not be told; trying again');
    }
  }
}
