import type { NatsConnection } from '@nats-io/transport-node';
import { KeysEvents, type KeysRpc } from '#contracts/keys';
import type { Answers, Asked } from '#contracts/rpc';
import { onBeat } from '#rpc/heartbeat';
import { watchLink } from '#rpc/link';
import { type Listening, listen } from '#rpc/listen';
import type { Log } from '#runtime/log';
import { patiently } from '#runtime/patience';
import type { KeyDirectory } from './key-directory.js';

/** How long keys are served without knowing that nothing was missed: a revocation could be waiting behind the silence. */
const TRUST_MILLISECONDS = 10_000;
const COMPLAIN_MILLISECONDS = 5000;

export type ListChanges = (asked: Asked<typeof KeysRpc.listChanges>) => Promise<Answers<typeof KeysRpc.listChanges>>;
type Change = Answers<typeof KeysRpc.listChanges>['changes'][number];

/**
 * Keeps the key directory true. Changes arrive as events; the heartbeat's revision, and every new connection, shows
 * that one may not have arrived, and the gap is then read from the keys service itself.
 */
export class KeyWatch {
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
  private stopped = false;
  private repairing?: Promise<void>;
  private complainedAt = Number.NEGATIVE_INFINITY;
  private listening?: Listening;
  private readonly stops: (() => void)[] = [];

  constructor(
    private readonly bus: NatsConnection,
    private readonly listChanges: ListChanges,
    private readonly keys: KeyDirectory,
    private readonly log: Log,
    private readonly now: () => number = Date.now,
  ) {}

  /** Resolves when nothing can be missed any more: until then no key may be trusted. */
  async start(): Promise<void> {
    void this.followLink();
    this.listening = listen(this.bus, [KeysEvents.keyChanged], ({ payload }) => this.hear(payload), {
      from: 'new',
      log: this.log,
      onGap: () => this.doubt(),
    });
    await this.listening.ready;
    await patiently('the recent changes of keys', this.log, () => this.readRecent());
    this.started = true;
    this.stops.push(
      onBeat(this.bus, 'keys', ({ revision }) => this.hearBeat(revision)),
      watchLink(this.bus, { log: this.log, onAnswer: () => this.hearAnswer() }),
    );
  }

  async stop(): Promise<void> {
    this.stopped = true;
    for (const stop of this.stops.splice(0)) stop();
    await this.listening?.close();
  }

  get revision(): number {
    return this.seen;
  }

  /** Unsure for too long: cached keys are no longer to be trusted. A clock that was set back does not make them so. */
  isStale(): boolean {
    return Math.abs(this.now() - this.sureAt) > TRUST_MILLISECONDS;
  }

  private hear(change: Change): void {
    this.apply(change);
    if (!this.started) return;
    // Only the next in line moves the mark: one that arrives after a lost one must not hide the loss.
    if (change.revision === this.seen + 1) this.reached(change.revision);
    else if (change.revision > this.seen) void this.doubt();
  }

  private hearBeat(revision: number): void {
    if (revision !== this.seen) void this.doubt();
    else this.sure(this.doubts);
  }

  /** When the keys service is away nothing can change; that the bus answers is then sign enough. */
  private hearAnswer(): void {
    if (this.isSure) this.sureAt = this.now();
    else void this.repair();
  }

  /** What was under way when a connection broke did not arrive: asked for at once, the events take longer to resume. */
  private async followLink(): Promise<void> {
    for await (const { type } of this.bus.status()) {
      if (this.stopped) return;
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
    const { head, changes, complete } = await this.listChanges({ after: null });
    if (!complete) this.keys.dropAll(head);
    for (const change of changes) this.apply(change);
    this.reached(head);
    this.sure(doubts);
  }

  private async readGap(): Promise<void> {
    const { doubts, seen: after } = this;
    const { head, changes, complete } = await this.listChanges({ after });
    if (head < after) {
      this.log.warn({ seen: after, head }, 'the keys are from before what was seen: restored from a backup');
      this.keys.startOver(head);
      this.seen = 0;
    } else if (!complete) this.keys.dropAll(head);
    for (const change of changes) this.apply(change);
    // Events may have come further than the answer, which was under way meanwhile.
    this.reached(Math.max(head, this.seen));
    this.sure(doubts);
  }

  private apply({ key_id, project_id, revision }: Change): void {
    if (project_id === null) this.keys.dropAll(revision);
    else if (key_id === null) this.keys.projectChanged(project_id, revision);
    else this.keys.changed(key_id, revision);
  }

  private reached(revision: number): void {
    this.seen = revision;
    this.onApplied();
  }

  /** Tried again with the next sign of life; told once in a while. */
  private complain(error: unknown): void {
    if (this.now() - this.complainedAt < COMPLAIN_MILLISECONDS) return;
    this.complainedAt = this.now();
    this.log.warn({ err: error }, 'missed changes of keys could not be read yet');
  }
}
