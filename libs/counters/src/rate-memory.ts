import type { TillFacts } from '#domain/budget/reservation';
import { KnownMinute } from '#domain/rate/known-minute';
import { sharesOf } from '#domain/rate/share';
import { type Counted, type MinuteCells, SlidingMinute } from '#domain/rate/sliding-minute';
import type { RedisLink } from './redis-link.js';
import type { RedisTills } from './redis-tills.js';

/** More keys than one process lets in within a minute. */
const MOST = 100_000;
const LOOK_MILLISECONDS = 10_000;
const MINUTE_MILLISECONDS = 62_000;
/** Clocks that differ by less are the same. */
const SAME_SECONDS = 0.05;
const NOTHING: MinuteCells = { requests: [], tokens: [] };

interface Remembered {
  /** Of all gateways, by Redis's clock. */
  readonly requests: KnownMinute;
  readonly tokens: KnownMinute;
  /** Admitted here while Redis was away, and it has not been told; by our clock. */
  own: { readonly requests: SlidingMinute; readonly tokens: SlidingMinute } | null;
  /** When the count in Redis began that this is known of. */
  countedSince: number;
  isForgotten: boolean;
  /** In which return of Redis it was last compared. */
  returns: number;
  link: RedisLink | null;
  seenAt: number;
  telling?: Promise<void>;
}

/**
 * What this process knows of everybody's last minute, key by key. With it a minute is carried through the loss of Redis: who
 * has to count alone begins with what was counted together, and a Redis that comes back, or has forgotten, is told before
 * it is asked.
 */
export class RateMemory {
  private readonly keys = new Map<string, Remembered>();
  private readonly timer: NodeJS.Timeout;

  constructor(
    private readonly linkOf: (key: string) => RedisLink | null,
    readonly send: RedisTills['tell'],
    private readonly me: string,
    private readonly peers: () => readonly string[],
  ) {
    this.timer = setInterval(() => this.sweep(), LOOK_MILLISECONDS);
  }

  /** Which loss of Redis it is, and among whom the rates are shared: with each change what was counted is carried over anew. */
  carrying(key: string): string {
    return `${this.linkOf(key)?.losses ?? 0} ${this.peers().length}`;
  }

  /** What Redis says of a key. */
  saw(key: string, facts: TillFacts): void {
    const known = this.of(key);
    if (!known) return;
    const { now, requests, tokens, countedSince = 0 } = facts;
    known.seenAt = Date.now();
    if (countedSince !== known.countedSince && known.countedSince > 0 && known.requests.at(now).length > 0) {
      // Another count than the one that was known: it does not say what there was before. At once, not with the next request.
      known.isForgotten = true;
      this.tell(key)?.catch(() => {});
      return;
    }
    known.countedSince = countedSince;
    known.requests.saw(now, requests);
    known.tokens.saw(now, tokens);
    if (!known.own) this.noteTold(key, known);
  }

  /** Null where Redis knows everything that is known here. */
  tell(key: string): Promise<void> | null {
    const known = this.keys.get(key);
    if (!known) return null;
    if (known.telling) return known.telling;
    const link = this.linkOf(key);
    if (!known.own && !known.isForgotten && known.link === link && known.returns === link?.returns) return null;
    known.telling = this.tellAbout(key, known).finally(() => {
      known.telling = undefined;
    });
    return known.telling;
  }

  /** Whoever comes for such a key at another gateway finds what was let in here. */
  tellOwn(): void {
    // What could not be told is told before the key is asked for.
    for (const [key, { own }] of this.keys) if (own && this.linkOf(key)?.run) this.tell(key)?.catch(() => {});
  }

  /** What a till of this process begins to count with. */
  carried(key: string): MinuteCells {
    const known = this.keys.get(key);
    if (!known) return NOTHING;
    const now = Date.now();
    const ahead = this.linkOf(key)?.clockAhead ?? 0;
    const at = now + ahead;
    const peers = this.peers();
    const cells = (minute: KnownMinute, own: SlidingMinute | undefined) => [
      ...sharesOf(minute.at(at), this.me, peers).map(this.moved(-ahead)),
      ...(own?.counted(now) ?? []),
    ];
    return { requests: cells(known.requests, known.own?.requests), tokens: cells(known.tokens, known.own?.tokens) };
  }

  /** Let in by a till of this process. */
  admitted(key: string, tokens: number, now: number): void {
    const known = this.of(key);
    if (!known) return;
    known.seenAt = now;
    known.own ??= { requests: new SlidingMinute(), tokens: new SlidingMinute() };
    known.own.requests.add(now, 1);
    known.own.tokens.add(now, tokens);
  }

  corrected(key: string, second: number, requestsOff: number, tokensOff: number, now: number): void {
    const own = this.keys.get(key)?.own;
    own?.requests.correct(now, second, requestsOff);
    own?.tokens.correct(now, second, tokensOff);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private async tellAbout(key: string, known: Remembered): Promise<void> {
    const { own } = known;
    const clockAhead = this.linkOf(key)?.clockAhead ?? 0;
    const now = Date.now();
    const all = { requests: known.requests.at(now + clockAhead), tokens: known.tokens.at(now + clockAhead) };
    const mine = own
      ? {
          requests: own.requests.counted(now).map(this.moved(clockAhead)),
          tokens: own.tokens.counted(now).map(this.moved(clockAhead)),
        }
      : NOTHING;
    known.own = null;
    try {
      const facts = await this.send(key, known.countedSince, all, mine);
      known.countedSince = facts.countedSince ?? 0;
      known.isForgotten = false;
      this.noteTold(key, known);
      known.requests.saw(facts.now, facts.requests);
      known.tokens.saw(facts.now, facts.tokens);
    } catch (error) {
      // It may have heard it; told again it counts twice, and for a minute less is let in than could be.
      known.own = merged(own, known.own);
      throw error;
    }
  }

  /** The other clock's second; rather a later one, so that nothing leaves too early. */
  private moved(milliseconds: number): (cell: Counted) => Counted {
    const seconds = Math.ceil(milliseconds / 1000 - SAME_SECONDS);
    return ({ second, amount }) => ({ second: second + seconds, amount });
  }

  private noteTold(key: string, known: Remembered): void {
    known.link = this.linkOf(key);
    known.returns = known.link?.returns ?? -1;
  }

  private of(key: string): Remembered | undefined {
    const known = this.keys.get(key);
    if (known || this.keys.size >= MOST) return known;
    const fresh: Remembered = {
      ...{ requests: new KnownMinute(), tokens: new KnownMinute(), own: null, countedSince: 0, isForgotten: false },
      ...{ returns: -1, link: null, seenAt: Date.now() },
    };
    this.keys.set(key, fresh);
    return fresh;
  }

  private sweep(): void {
    const due = Date.now() - MINUTE_MILLISECONDS;
    for (const [key, { seenAt }] of this.keys) if (seenAt < due) this.keys.delete(key);
  }
}

function merged(before: Remembered['own'], since: Remembered['own']): Remembered['own'] {
  if (!before || !since) return before ?? since;
  const now = Date.now();
  before.requests.put(now, since.requests.counted(now));
  before.tokens.put(now, since.tokens.counted(now));
  return before;
}
