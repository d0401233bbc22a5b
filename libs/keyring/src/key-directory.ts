import type { KeysRpc, UsableKey } from '#contracts/keys';
import { Refused } from '#contracts/refusals';
import type { Answers, Asked } from '#contracts/rpc';
import { RecentChanges } from './recent-changes.js';
import { TwoGenerations } from './two-generations.js';

/** Unknown digests are remembered for a moment, so that one bad client does not become a load on the keys service. */
const UNKNOWN_MILLISECONDS = 5000;
const ATTEMPTS = 3;

/** Asks whoever knows: the keys service over the bus, or, inside it, its database. */
export type Resolve = (asked: Asked<typeof KeysRpc.resolveKey>) => Promise<Answers<typeof KeysRpc.resolveKey>>;

/** A key, and the revision it was seen at. */
interface Met {
  readonly key: UsableKey;
  readonly asOf: number;
}

/** What is no longer what it was: one key, every key of a project, or all there is. */
export type Dropped = { readonly keyId: string } | { readonly projectId: string } | 'all';

/**
 * The keys a process has met, by the digest of their secret. An entry lives until its key changes; who is told of a
 * change, and how a missed one is found out, is `key-watch.ts`.
 */
export class KeyDirectory {
  /** Called after keys were dropped: whoever acts on one that was looked up earlier has to look again. */
  onDropped: (dropped: Dropped) => void = () => {};
  private readonly known: TwoGenerations<string, Met>;
  private readonly unknown: TwoGenerations<string, number>;
  private readonly digestsOf = new Map<string, Set<string>>();
  private readonly asking = new Map<string, Promise<UsableKey | null>>();
  private readonly changes: RecentChanges;
  /** Raised when everything was dropped: an answer that was asked for before then is too old to keep. */
  private floor = 0;
  /** Counts the times revisions have begun anew: those of before say nothing about those of now. */
  private age = 0;

  constructor(
    private readonly resolveKey: Resolve,
    capacity: number,
    changesRemembered?: number,
  ) {
    this.known = new TwoGenerations(capacity, (digest, { key }) => this.unlink(digest, key.key_id));
    this.unknown = new TwoGenerations(Math.ceil(capacity / 10));
    this.changes = new RecentChanges(changesRemembered);
  }

  /** The key behind a digest that was met before; no question is asked. */
  peek(digest: string): UsableKey | undefined {
    return this.known.get(digest)?.key;
  }

  /** The key behind the digest of a secret; null where there is none. */
  async find(digest: string, now: number): Promise<UsableKey | null> {
    const known = this.known.get(digest);
    if (known) return known.key;
    const until = this.unknown.get(digest);
    if (until !== undefined && until > now) return null;
    return this.ask(digest, now);
  }

  /**
   * The key is not what it was: whoever asks next gets an answer at least this new. Told twice it is no news; told late,
   * it takes nothing away that was asked for since.
   */
  changed(keyId: string, revision: number): void {
    if (!this.changes.note(keyId, revision)) return;
    for (const digest of [...(this.digestsOf.get(keyId) ?? [])]) this.dropOlder(digest, revision);
    this.onDropped({ keyId });
  }

  /** Every key of a project follows its project: rare enough to look through all of them. */
  projectChanged(projectId: string, revision: number): void {
    if (!this.changes.note(projectId, revision)) return;
    for (const [digest, { key }] of [...this.known]) if (key.project_id === projectId) this.dropOlder(digest, revision);
    this.onDropped({ projectId });
  }

  /** Something changed up to this revision that cannot be told key by key. */
  dropAll(revision: number): void {
    this.floor = Math.max(this.floor, revision);
    this.forget();
  }

  /** The revisions have begun anew at a lower one, because the keys came back from a backup: nothing of before counts. */
  startOver(revision: number): void {
    this.age++;
    this.changes.clear();
    this.floor = revision;
    this.forget();
  }

  get size(): number {
    return this.known.size;
  }

  private dropOlder(digest: string, revision: number): void {
    const met = this.known.get(digest);
    if (!met || met.asOf >= revision) return;
    this.known.delete(digest);
    this.unlink(digest, met.key.key_id);
  }

  private forget(): void {
    this.known.clear();
    this.unknown.clear();
    this.digestsOf.clear();
    this.onDropped('all');
  }

  /** One question for a digest at a time, however many requests wait for it. */
  private ask(digest: string, now: number): Promise<UsableKey | null> {
    const asked = this.asking.get(digest);
    if (asked) return asked;
    const answer = this.resolve(digest, now).finally(() => this.asking.delete(digest));
    this.asking.set(digest, answer);
    return answer;
  }

  private async resolve(digest: string, now: number): Promise<UsableKey | null> {
    for (let attempt = 0, atLeast = this.floor; attempt < ATTEMPTS; attempt++) {
      const { age } = this;
      const { key, as_of } = await this.resolveKey({ digest, at_least: atLeast });
      // The key may have changed while the answer was under way, or since somebody cached it.
      const changedAt = key ? this.changes.of(key.key_id, key.project_id) : 0;
      atLeast = Math.max(this.floor, changedAt);
      if (as_of < atLeast || age !== this.age) continue;
      if (key) this.keep(digest, { key, asOf: as_of });
      else this.unknown.set(digest, now + UNKNOWN_MILLISECONDS);
      return key;
    }
    throw new Refused('service_unavailable', { cause: new Error('a key changed faster than it could be looked up') });
  }

  private keep(digest: string, met: Met): void {
    const digests = this.digestsOf.get(met.key.key_id);
    if (digests) digests.add(digest);
    else this.digestsOf.set(met.key.key_id, new Set([digest]));
    this.known.set(digest, met);
  }

  private unlink(digest: string, keyId: string): void {
    const digests = this.digestsOf.get(keyId);
    digests?.delete(digest);
    if (digests?.size === 0) this.digestsOf.delete(keyId);
  }
}
