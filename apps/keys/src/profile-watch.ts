import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Clock } from '#runtime/clock';
import { ProfileShelf } from '#runtime/profile-shelf';
import { ChangeFeed } from './change-feed.js';
import { type KeysKit, KIT } from './kit.js';
import { recordChange } from './store/changes.js';

const RETRY_MILLISECONDS = 1000;

/**
 * When the profiles say something else, every key that was resolved by the old ones is out of date, wherever it is held:
 * that is a change like any other. Every replica says so after it has read them itself, so that what a slower one still
 * answered by the old ones is dropped in its turn.
 */
@Injectable()
export class ProfileWatch implements OnApplicationBootstrap, OnApplicationShutdown {
  private retry?: NodeJS.Timeout;
  private stopped = false;

  constructor(
    private readonly profiles: ProfileShelf,
    private readonly db: DataSource,
    private readonly feed: ChangeFeed,
    private readonly clock: Clock,
    @Inject(KIT) private readonly kit: KeysKit,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    this.profiles.onChange = () => void this.tell(true);
    // They may have been changed while nobody was up to see it.
    await this.tell(false);
  }

  onApplicationShutdown(): void {
    this.stopped = true;
    clearTimeout(this.retry);
  }

  private async tell(always: boolean): Promise<void> {
    if (this.stopped) return;
    try {
      if (await this.record(always)) await this.feed.tell();
    } catch (error) {
      this.kit.log.warn({ err: error }, 'that the profiles have changed could not be told; trying again');
      clearTimeout(this.retry);
      this.retry = setTimeout(() => void this.tell(always), RETRY_MILLISECONDS);
    }
  }

  private record(always: boolean): Promise<boolean> {
    return this.db.transaction(async (tx) => {
      const { digest } = this.profiles;
      const [[held]]: [{ digest: string }[], number] = await tx.query(
        `UPDATE profile_set SET digest = $1 FROM (SELECT digest FROM profile_set FOR UPDATE) held RETURNING held.digest`,
        [digest],
      );
      // An installation that has just been made has no keys that anybody could hold.
      const isNews = held !== undefined && held.digest !== '' && held.digest !== digest;
      if (!always && !isNews) return false;
      const all = { organization_id: null, project_id: null, key_id: null };
      await recordChange(tx, { change: 'profiles_changed', ...all }, this.clock.date());
      return true;
    });
  }
}
