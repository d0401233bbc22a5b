import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { NatsConnection } from '@nats-io/transport-node';
import { Refused } from '#contracts/refusals';
import type { UsageEvent } from '#contracts/usage';
import { bornAt } from '#domain/id';
import type { BusClient } from '#rpc/client';
import type { Log } from '#runtime/log';
import { Courier } from './courier.js';
import { DenialBook } from './denial-book.js';
import { batchIn, foundIn } from './found.js';
import { GrowingBatch } from './growing-batch.js';
import { lineOf, lineOfEvent, recordsOf } from './record.js';
import { type Segment, Segments } from './segments.js';
import type { SpoolFolder } from './spool-folder.js';
import { TurnWriter, type Written } from './turn-writer.js';

const BATCH_MILLISECONDS = 50;
const RETRY_MILLISECONDS = 250;
const TICK_MILLISECONDS = 1000;
/** Kept in memory on their way; what is more is read off the disk when its turn comes. */
const EVENTS_IN_MEMORY = 20_000;
/** Of the room: what is under way can always be finished. */
const ROOM_TO_BEGIN = 0.9;
const CONFIRM_MILLISECONDS = 1000;

interface Options {
  readonly bus: NatsConnection;
  readonly client: BusClient;
  readonly log: Log;
  readonly folder: SpoolFolder;
  readonly maxBytes: number;
}

/**
 * Usage on its way to the ledger. Written to the disk first: that a request is about to be forwarded, and how it ended. A
 * process that dies loses nothing; whoever finds its folder tells of what was under way as `abandoned`. A file goes when the
 * ledger has all that is in it.
 */
export class UsageOutbox {
  private readonly folder: SpoolFolder;
  private readonly segments: Segments;
  private readonly courier: Courier;
  private readonly denials = new DenialBook();
  private readonly underWay = new Map<string, { readonly event: UsageEvent; segment: Segment }>();
  private readonly timers: NodeJS.Timeout[];
  private readonly turn: TurnWriter;
  private batch: GrowingBatch | null = null;
  private flushing?: NodeJS.Timeout;
  private sending?: Promise<void>;
  private confirming?: Promise<void>;
  private closed = false;

  constructor(private readonly options: Options) {
    this.folder = options.folder;
    this.segments = new Segments(this.folder.path);
    this.turn = new TurnWriter(this.segments);
    this.courier = new Courier(options.bus, options.client, options.log, ({ segment }) => this.unneed(segment));
    this.adopt();
    const every = (work: () => void, milliseconds: number) => setInterval(() => this.attempt(work), milliseconds);
    this.timers = [every(() => this.tick(), TICK_MILLISECONDS), every(() => this.adopt(), 30_000)];
  }

  /** Before anything is sent to a provider: `then` is called when it is written down. What cannot be put on the bill is not forwarded. */
  begin(event: UsageEvent, then: (problem: Refused | null) => void): void {
    if (this.segments.bytes > this.options.maxBytes * ROOM_TO_BEGIN)
      throw new Refused('service_unavailable', { cause: new Error('the spool is full') });
    this.turn.add(lineOf({ intent: event }), ({ segment, problem }) => {
      if (!problem) this.underWay.set(event.request_id, { event, segment });
      if (!problem) segment.needed++;
      then(problem ? new Refused('service_unavailable', { cause: problem }) : null);
    });
  }

  /** It was begun, and nobody was asked after all. */
  forget(requestId: string): void {
    this.turn.add(lineOf({ never: requestId }), () => this.end(requestId));
  }

  /** How it ended, or that it was refused: `trace` is asked for why, where that is kept at all. */
  add(event: UsageEvent, trace?: () => unknown): void {
    const { request_id } = event;
    if (event.kind === 'denied' && !this.denials.take(event, Date.now())) {
      // Begun and then refused: what is not kept whole must not look as if it had been sent.
      if (this.underWay.has(request_id)) this.forget(request_id);
      return;
    }
    const text = JSON.stringify(trace ? { ...event, trace: trace() } : event);
    this.write(lineOfEvent(text), (batch) => {
      batch.addEvent(text, bornAt(request_id));
      this.end(request_id);
    });
  }

  /** That are not stored yet. */
  get size(): number {
    return this.courier.size + (this.batch?.size ?? 0) + this.turn.waiting;
  }

  get bytes(): number {
    return this.segments.bytes;
  }

  /** When the oldest request began that has ended and that the ledger may not know of; null: it knows of all. */
  unsettledSince(): number | null {
    const since = Math.min(this.courier.since, this.batch?.since ?? Number.POSITIVE_INFINITY);
    return Number.isFinite(since) ? since : null;
  }

  /** Everything is stored when this resolves, or a bounded time has passed; what is left stays on the disk. */
  async close(milliseconds: number): Promise<void> {
    for (const timer of this.timers) clearInterval(timer);
    this.countDenials();
    this.turn.write();
    this.flush();
    const deadline = Date.now() + milliseconds;
    while (!this.courier.isIdle && Date.now() < deadline)
      await Promise.race([this.send(), sleep(deadline - Date.now(), undefined, { ref: false })]);
    const confirmBy = Math.min(deadline, Date.now() + CONFIRM_MILLISECONDS);
    while (!this.courier.isDone && Date.now() < confirmBy) {
      await this.confirm();
      if (!this.courier.isDone) await sleep(BATCH_MILLISECONDS);
    }
    this.closed = true;
    const { size: events, isIdle } = this.courier;
    if (!isIdle) this.options.log.error({ events }, 'stopped with usage that could not be sent: it is in the spool');
    this.segments.close();
    this.folder.close(this.segments.isEmpty);
  }

  private write(line: string, put: (batch: GrowingBatch) => void): void {
    this.turn.add(line, (written) => this.put(written, put));
  }

  private put({ segment, from, to, problem }: Written, put: (batch: GrowingBatch) => void): void {
    // Still told, only not safe from a crash until it is.
    if (problem) this.options.log.error({ err: problem }, 'the spool cannot be written');
    if (this.batch && this.batch.segment !== segment) this.flush();
    if (!this.batch) segment.needed++;
    this.batch ??= new GrowingBatch(segment, from);
    this.batch.to = to;
    put(this.batch);
    if (this.batch.isFull) this.flush();
    else this.flushing ??= setTimeout(() => this.flush(), BATCH_MILLISECONDS);
  }

  private flush(): void {
    clearTimeout(this.flushing);
    this.flushing = undefined;
    const { batch } = this;
    this.batch = null;
    if (batch) {
      const { segment, text, from, to, since, size: events } = batch;
      const inMemory = this.courier.size < EVENTS_IN_MEMORY;
      this.courier.add({
        ...{ id: randomUUID(), segment, events, since },
        load: inMemory ? () => text : () => JSON.stringify(batchIn(recordsOf(segment.read(from, to)))),
      });
    }
    if (this.segments.isTimeToTurn) this.attempt(() => this.segments.turn());
    void this.send();
  }

  private send(): Promise<void> {
    this.sending ??= this.sendAll().finally(() => {
      this.sending = undefined;
    });
    return this.sending;
  }

  private async sendAll(): Promise<void> {
    for (let attempt = 1; !this.closed && !this.courier.isIdle; attempt++) {
      try {
        await this.courier.send();
      } catch (error) {
        if (attempt % 20 === 1)
          this.options.log.warn({ err: error, events: this.size }, 'usage could not be sent; trying again');
        await sleep(RETRY_MILLISECONDS);
      }
    }
  }

  private tick(): void {
    // First what makes room, where there is none.
    void this.confirm();
    if (!this.courier.isIdle) void this.send();
    this.countDenials();
    if (!this.batch && this.segments.isTimeToTurn) this.segments.turn();
    // What only a long request needs of an old file is written into the new one.
    for (const old of this.segments.old())
      for (const call of this.underWay.values()) if (call.segment === old) this.carryOn(call);
  }

  private confirm(): Promise<void> {
    this.confirming ??= this.courier
      .confirm()
      .catch((error: unknown) => this.options.log.debug({ err: error }, 'the ledger could not be asked'))
      .finally(() => {
        this.confirming = undefined;
      });
    return this.confirming;
  }

  /** What a disk that is full, or a process with too many files, does not let be done now is done later. */
  private attempt(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.options.log.error({ err: error }, 'the spool could not be looked after; trying again');
    }
  }

  private countDenials(): void {
    const denials = this.denials.flush();
    if (denials.length) this.write(lineOf({ denials }), (batch) => batch.addDenials(denials));
  }

  private carryOn(call: { readonly event: UsageEvent; segment: Segment }): void {
    const { current } = this.segments;
    current.append(lineOf({ intent: call.event }));
    current.needed++;
    this.unneed(call.segment);
    call.segment = current;
  }

  private end(requestId: string): void {
    const call = this.underWay.get(requestId);
    if (call && this.underWay.delete(requestId)) this.unneed(call.segment);
  }

  private unneed(segment: Segment): void {
    segment.needed--;
    this.segments.release(segment);
  }

  /** What gateways that died had written down: their ends are told, and what had no end as it was begun. */
  private adopt(): void {
    const files = this.folder.adopt().filter((path) => !this.segments.has(path));
    if (files.length === 0) return;
    const { batches, abandoned, rotten } = foundIn(files.map((path) => ({ path, text: readFileSync(path, 'utf8') })));
    const facts = { files: files.length, abandoned: abandoned.length, rotten };
    this.options.log.warn(facts, 'found the spool of a gateway that is gone');
    for (const path of files) {
      const segment = this.segments.take(path);
      // Until its abandoned requests are written down here, and its batches are in the ledger.
      segment.needed = 1;
      for (const { told, id } of batches.filter((batch) => batch.path === path)) {
        segment.needed++;
        const since = Math.min(...told.events.map((event) => bornAt(event.request_id)));
        this.courier.add({ id, segment, since, events: told.events.length, load: () => JSON.stringify(told) });
      }
      for (const { event } of abandoned.filter((each) => each.path === path)) this.add(event);
      this.turn.write();
      this.unneed(segment);
    }
    this.flush();
  }
}
