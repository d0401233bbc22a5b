import type { UsableKey } from '#contracts/keys';
import { Refused } from '#contracts/refusals';
import type { Asked, Gets } from '#contracts/rpc';
import type { RulesRpc } from '#contracts/rules';
import { RecentChanges } from '#keyring/recent-changes';
import { TwoGenerations } from '#keyring/two-generations';
import { type Policy, RuleShelf } from './compile-rules.js';
import { subjectsOf } from './subjects.js';

export type ResolvePolicy = (asked: Asked<typeof RulesRpc.getPolicy>) => Promise<Gets<typeof RulesRpc.getPolicy>>;
export type BoundKey = Pick<UsableKey, 'key_id' | 'organization_id' | 'project_id' | 'made_by'>;

const ATTEMPTS = 3;

/** What binds a key, and the revision it was seen at. */
interface Met {
  readonly policy: Policy;
  readonly subjects: readonly string[];
  readonly asOf: number;
}

/**
 * The rules that bind the keys a process has met, taken apart. An entry lives until the rules of anybody it is bound by
 * change; who is told of a change, and how a missed one is found out, is `rules-watch.ts`.
 */
export class RulesDirectory {
  private readonly known: TwoGenerations<string, Met>;
  private readonly asking = new Map<string, Promise<Policy>>();
  private readonly changes = new RecentChanges();
  private readonly shelf: RuleShelf;
  /** Raised when everything was dropped: an answer that was asked for before then is too old to keep. */
  private floor = 0;
  /** Counts the times revisions have begun anew: those of before say nothing about those of now. */
  private age = 0;

  constructor(
    private readonly resolvePolicy: ResolvePolicy,
    capacity: number,
  ) {
    this.known = new TwoGenerations(capacity);
    this.shelf = new RuleShelf(capacity);
  }

  /** The rules of a key that was met before; no question is asked. */
  peek(key: BoundKey): Policy | undefined {
    return this.known.get(key.key_id)?.policy;
  }

  async find(key: BoundKey): Promise<Policy> {
    return this.peek(key) ?? this.ask(key);
  }

  /** The rules of one of those who bind are not what they were. Told late, it takes nothing away that was asked for since. */
  changed(subject: string, revision: number): void {
    if (!this.changes.note(subject, revision)) return;
    // A key binds itself, and now and then keys that it made: rules change rarely enough to look through all of them.
    for (const [keyId, { subjects, asOf }] of [...this.known])
      if (asOf < revision && subjects.includes(subject)) this.known.delete(keyId);
  }

  dropAll(revision: number): void {
    this.floor = Math.max(this.floor, revision);
    this.known.clear();
  }

  startOver(revision: number): void {
    this.age++;
    this.changes.clear();
    this.floor = revision;
    this.known.clear();
  }

  get size(): number {
    return this.known.size;
  }

  /** One question for a key at a time, however many requests wait for it. */
  private ask(key: BoundKey): Promise<Policy> {
    const asked = this.asking.get(key.key_id);
    if (asked) return asked;
    const answer = this.resolve(key).finally(() => this.asking.delete(key.key_id));
    this.asking.set(key.key_id, answer);
    return answer;
  }

  private async resolve(key: BoundKey): Promise<Policy> {
    const subjects = subjectsOf(key);
    const { organization_id } = key;
    for (let attempt = 0, atLeast = this.floor; attempt < ATTEMPTS; attempt++) {
      const { age } = this;
      const { as_of: asOf, sets } = await this.resolvePolicy({ organization_id, subjects, at_least: atLeast });
      // Rules may have changed while the answer was under way.
      atLeast = Math.max(this.floor, this.changes.of(...subjects));
      if (asOf < atLeast || age !== this.age) continue;
      const policy = this.shelf.policyOf(sets);
      this.known.set(key.key_id, { policy, subjects, asOf });
      return policy;
    }
    throw new Refused('service_unavailable', { cause: new Error('rules changed faster than they could be looked up') });
  }
}
