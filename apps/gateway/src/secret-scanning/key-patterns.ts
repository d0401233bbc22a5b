import { patternOf } from '#domain/key/pattern';
import type { Profile } from '#runtime/profiles';

/** What the keys of each profile look like, under the type a scanner reports them by. */
export class KeyPatterns {
  constructor(private readonly profiles: () => Iterable<Profile>) {}

  get all(): { type: string; profile: string; pattern: string }[] {
    return [...this.profiles()].map(({ name, key }) => ({
      type: name === 'keyward' ? 'keyward_api_key' : `keyward_${name}_api_key`,
      profile: name,
      pattern: patternOf(key),
    }));
  }
}
