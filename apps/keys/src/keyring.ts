import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { KeyDirectory } from '#keyring/key-directory';
import { KeyDoor } from '#keyring/key-door';
import { type KeyWatch, watchKeys } from '#keyring/key-watch';
import { SecretCheck } from '#keyring/secret-check';
import { SecretUses } from '#keyring/secret-uses';
import { publishUses } from '#rpc/usage-stream';
import { deriveKey } from '#runtime/keying';
import { type KeysKit, KIT } from './kit.js';
import { ResolveKey } from './operations/resolve-key.js';
import { ProfileBook } from './profile-book.js';
import { changesAfter } from './store/changes.js';

const KEYS_IN_MEMORY = 100_000;

/** The keys this replica has met, kept true like a gateway's: what `verify` is answered from. */
@Injectable()
export class Keyring implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly door: KeyDoor;
  readonly uses: SecretUses;
  private readonly watch: KeyWatch;

  constructor(db: DataSource, resolve: ResolveKey, profiles: ProfileBook, @Inject(KIT) { bus, log, config }: KeysKit) {
    const directory = new KeyDirectory((asked) => resolve.run(asked), KEYS_IN_MEMORY);
    this.watch = watchKeys(bus, ({ after }) => changesAfter(db, after), directory, log);
    const secrets = new SecretCheck(() => profiles.all(), deriveKey(config.KEYWARD_SECRET, 'key checksum'));
    this.door = new KeyDoor(directory, this.watch, secrets);
    this.uses = new SecretUses((uses) => publishUses(bus, uses), log);
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.watch.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.watch.stop();
    await this.uses.close();
  }
}
