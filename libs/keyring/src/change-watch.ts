import type { NatsConnection } from '@nats-io/transport-node';
import type { z } from 'zod';
import type { Event } from '#contracts/event';
import { onBeat } from '#rpc/heartbeat';
import { watchLink } from '#rpc/link';
import { type Listening, listen } from '#rpc/listen';
import type { Log } from '#runtime/log';
import { patiently } from '#runtime/patience';

/** How long what is held is served without knowing that nothing was missed: a revocation could be waiting behind the silence. */
const TRUST_MILLISECONDS = 10_000;
const COMPLAIN_MILLISECONDS = 5000;

/** One change of many, with its place among them. */
interface Change {
  readonly revision: number;
}

interface Gap<Each extends Change> {
  readonly head: number;
  readonly changes: readonly Each[];
  readonly complete: boolean;
}

/** Who tells of changes, and who can be asked about those that did not arrive. */
interface Teller<Each extends Change> {
  /** For the log: `keys`. */
  readonly what: string;
  /** Whose heartbeat carries the newest revision. */
  readonly beats: string;
  readonly event: Event<z.ZodType<Each>>;
  readonly list: (asked: { after: number | null }) => Promise<Gap<Each>>;
}

/** Who holds what may have changed. */
interface Holder<Each extends Change> {
  apply(change: Each): void;
  /** Something changed up to this revision that cannot be told one by one. */
  dropAll(revision: number): void;
  /** The revisions have begun anew at a lower one: nothing of before counts. */
  startOver(revision: number): void;
}

/**
 * Keeps what a process holds true. Changes arrive as events; the heartbeat's revision, and every new connection, shows
 * that one may not have arrived, and the gap is then read from the service that knows.
 */
export class ChangeWatch<Each extends Change> {
  /** Every change up to here has been applied. */
  private seen = 0;
  /** Called whenever the mark has moved. */
  onApplied: () => void = () => {};
  /** When it was last known that nothing is missing. */
  private sureAt = Number.NEGATIVE_INFINITY;
  /** Counts the reasons to think that something is; answered up to `settled`. */
  private doubts = 0;
  private settled = 0;
  private started = false;
  private readonly stopping = new AbortController();
  private repairing?: Promise<void>;
  private complainedAt = Number.NEGATIVE_INFINITY;
  private listening?: Listening;
  private readonly stops: (() => void)[] = [];

  constructor(
    private readonly bus: NatsConnection,
    private readonly teller: Teller<Each>,
    private readonly holder: Holder<Each>,
    private readonly log: Log,
    private readonly now: () => number = Date.now,
  ) {}

  /** Resolves when nothing can be missed any more: until then nothing held may be trusted. */
  async start(): Promise<void> {
    void this.followLink();
    this.listening = listen(this.bus, [this.teller.event], ({ payload }) => this.hear(payload), {
      from: 'new',
      log: this.log,
      onGap: () => this.doubt(),
    });
    await this.listening.ready;
    const recent = `the recent changes of ${this.teller.what}`;
    await patiently(recent, this.log, () => this.readRecent(), this.stopping.signal);
    this.started = true;
    this.stops.push(
      onBeat(this.bus, this.teller.beats, ({ revision }) => this.hearBeat(revision)),
      watchLink(this.bus, { log: this.log, onAnswer: () => this.hearAnswer() }),
    );
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    for (const stop of this.stops.splice(0)) stop();
    await this.listening?.close();
  }

  get revision(): number {
    return this.seen;
  }

  /** Unsure for too long: what is cached is no longer to be trusted. A clock that was set back does not make them so. */
  isStale(): boolean {
    return Math.abs(this.now() - this.sureAt) > TRUST_MILLISECONDS;
  }

  private hear(change: Each): void {
    this.holder.apply(change);
    if (!this.started) return;
    // Only the next in line moves the mark: one that arrives after a lost one must not hide the loss.
    if (change.revision === this.seen + 1) this.reached(change.revision);
    else if (change.revision > this.seen) void this.doubt();
  }

  private hearBeat(revision: number): void {
    if (revision !== this.seen) void this.doubt();
    else this.sure(this.doubts);
  }

  /** When the service is away nothing can change; that the bus answers is then sign enough. */
  private hearAnswer(): void {
    if (this.isSure) this.sureAt = this.now();
    else void this.repair();
  }

  /** What was under way when a connection broke did not arrive: asked for at once, the events take longer to resume. */
  private async followLink(): Promise<void> {
    for await (const { type } of this.bus.status()) {
      if (this.stopping.signal.aborted) return;
      if (type === 'disconnect') this.doubts++;
      if (type !== 'reconnect' || !this.started) continue;
      // A question that went down with the old connection is not waited for.
      this.repairing = undefined;
      void this.doubt();
    }
  }

  private get isSure(): boolean {
    return this.settled === this.doubts;
  }

  private sure(doubts: number): void {
    this.settled = doubts;
    if (this.isSure) this.sureAt = this.now();
  }

  private doubt(): Promise<void> {
    this.doubts++;
    return this.repair();
  }

  private repair(): Promise<void> {
    if (this.repairing) return this.repairing;
    const repairing = this.readGap()
      .catch((error) => this.complain(error))
      .finally(() => {
        if (this.repairing === repairing) this.repairing = undefined;
      });
    this.repairing = repairing;
    return repairing;
  }

  private async readRecent(): Promise<void> {
    const { doubts } = this;
    const { head, changes, complete } = await this.teller.list({ after: null });
    if (!complete) this.holder.dropAll(head);
    for (const change of changes) this.holder.apply(change);
    this.reached(head);
    this.sure(doubts);
  }

  private async readGap(): Promise<void> {
    const { doubts, seen: after } = this;
    const { head, changes, complete } = await this.teller.list({ after });
    if (head < after) {
      this.log.warn(
        { seen: after, head },
        `the ${this.teller.what} are from before what was seen: restored from a backup`,
      );
      this.holder.startOver(head);
      this.seen = 0;
    } else if (!complete) this.holder.dropAll(head);
    for (const change of changes) this.holder.apply(change);
    // Events may have come further than the answer, which was under way meanwhile.
    this.reached(Math.max(head, this.seen));
    this.sure(doubts);
  }

  private reached(revision: number): void {
    this.seen = revision;
    this.onApplied();
  }

  /** Tried again with the next sign of life; told once in a while. */
  private complain(error: unknown): void {
    if (this.now() - this.complainedAt < COMPLAIN_MILLISECONDS) return;
    this.complainedAt = this.now();
    this.log.warn({ err: error }, `missed changes of ${this.teller.what} could not be read yet`);
  }
}
