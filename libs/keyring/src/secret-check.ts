import { looksMinted } from '#domain/key/secret';
import type { Profile } from '#runtime/profiles';

/** What can be told of a secret without asking anybody: which profile it belongs to, and whether it was ever minted. */
export class SecretCheck {
  private known?: readonly Profile[];
  private sorted: readonly Profile[] = [];

  /** `read` gives the profiles as they are now: the same array for as long as they are the same. */
  constructor(
    private readonly read: () => readonly Profile[],
    private readonly checksumKey: Uint8Array,
  ) {}

  profileOf(secret: string): Profile | undefined {
    return this.profiles.find((profile) => secret.startsWith(profile.key.prefix));
  }

  wasMinted(secret: string): boolean {
    return this.profiles.some((profile) => looksMinted(secret, profile.key, this.checksumKey));
  }

  /** The longest prefix first, so that `dos_sk_` is not taken for a `dos_`. */
  private get profiles(): readonly Profile[] {
    const now = this.read();
    if (now !== this.known) this.sorted = [...now].sort((a, b) => b.key.prefix.length - a.key.prefix.length);
    this.known = now;
    return this.sorted;
  }
}
