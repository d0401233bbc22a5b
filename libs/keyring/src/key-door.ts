import type { UsableKey } from '#contracts/keys';
import { Refused } from '#contracts/refusals';
import type { KeyDirectory } from './key-directory.js';
import type { KeyWatch } from './key-watch.js';
import type { SecretCheck } from './secret-check.js';

/** From a secret to its key, the same way for every door of the house: memory, then checksum, then whoever knows. */
export class KeyDoor {
  constructor(
    readonly directory: KeyDirectory,
    private readonly watch: Pick<KeyWatch, 'isStale'>,
    readonly secrets: SecretCheck,
  ) {}

  /** A key that was met before: no I/O, no promise. Refused where nobody can say any more whether it still is one. */
  peek(digest: string): UsableKey | undefined {
    if (this.watch.isStale()) throw new Refused('service_unavailable');
    return this.directory.peek(digest);
  }

  /** A secret that was never minted here is told by its checksum; only what may be a key is looked up. */
  async find(secret: string, digest: string, now: number): Promise<UsableKey | null> {
    return this.secrets.wasMinted(secret) ? this.directory.find(digest, now) : null;
  }
}
