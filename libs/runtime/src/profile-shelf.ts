import { hash } from 'node:crypto';
import { ConfigError } from './config.js';
import { type Signals, watchFiles } from './file-watch.js';
import type { Log } from './log.js';
import { type Profile, readProfiles } from './profiles.js';

/**
 * The profiles as they are now: read again when a file of them changes, or on SIGHUP for file systems that tell nobody.
 * A set with a mistake in it is not taken: what was there before stays, and the log says why. Nor is one that takes
 * away what keys and projects may be built on.
 */
export class ProfileShelf {
  /** Called after another set was taken. */
  onChange: () => void = () => {};
  private held: ReadonlyMap<string, Profile>;
  private list: readonly Profile[];
  /** Ends the watching. */
  readonly close: () => void;

  constructor(
    private readonly dir: string,
    private readonly log: Log,
    signals: Signals = process,
  ) {
    this.held = readProfiles(dir);
    this.list = [...this.held.values()];
    this.close = watchFiles({ dir, what: 'profiles are', log, signals }, () => this.reload());
  }

  get(name: string): Profile | undefined {
    return this.held.get(name);
  }

  /** The same array until another set is taken. */
  values(): readonly Profile[] {
    return this.list;
  }

  /** Two shelves with the same digest say the same. */
  get digest(): string {
    return digestOf(this.list);
  }

  private reload(): void {
    try {
      const read = readProfiles(this.dir);
      const list = [...read.values()];
      if (digestOf(list) === this.digest) return;
      assertNothingLost(this.held, read);
      this.held = read;
      this.list = list;
    } catch (error) {
      this.log.error({ err: error }, 'the profiles are not taken: the ones from before stay');
      return;
    }
    this.log.info({ profiles: [...this.held.keys()] }, 'other profiles from now on');
    this.onChange();
  }
}

/** No key that works stops working because of a file: who means it, restarts. */
function assertNothingLost(before: ReadonlyMap<string, Profile>, after: ReadonlyMap<string, Profile>): void {
  for (const { name, key, plans } of before.values()) {
    const now = after.get(name);
    if (!now) throw new ConfigError(`The profile ${name} is gone.`);
    if (JSON.stringify(now.key) !== JSON.stringify(key))
      throw new ConfigError(`The keys of the profile ${name} would look different.`);
    const gone = Object.keys(plans).filter((plan) => !now.plans[plan]);
    if (gone.length) throw new ConfigError(`The profile ${name} has lost its plans: ${gone.join(', ')}.`);
  }
}

function digestOf(profiles: readonly Profile[]): string {
  return hash('sha256', JSON.stringify(profiles), 'base64url');
}
