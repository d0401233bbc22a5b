import type { NatsConnection } from '@nats-io/transport-node';
import { beat } from './heartbeat.js';
import { type Log, nestLog } from './log.js';
import { nowAndThen } from './now-and-then.js';

const BEAT_MILLISECONDS = 1000;

/** Changes that wait in a table of their service until the bus has them. */
interface Untold<Change extends { readonly revision: number }> {
  /** The newest revision there is. */
  readonly head: () => Promise<number>;
  /** The next that wait, oldest first; none where all are told. */
  readonly waiting: () => Promise<readonly Change[]>;
  readonly publish: (change: Change) => Promise<void>;
  readonly markTold: (revisions: number[]) => Promise<void>;
}

interface Telling<Change extends { readonly revision: number }> {
  readonly bus: NatsConnection;
  /** Whose heartbeat it is: `keys`. */
  readonly beats: string;
  readonly untold: Untold<Change>;
  readonly now: () => number;
  readonly log?: Log;
  /** Done with every heartbeat. */
  readonly onBeat?: () => void;
}

/**
 * Tells the bus what changed. Every change waits in Postgres until JetStream has it, so that a change whose teller died
 * is told by another replica a second later; being told twice does no harm, JetStream drops the copy.
 */
export class ChangeTeller<Change extends { readonly revision: number }> {
  private timer?: NodeJS.Timeout;
  private running?: Promise<void>;
  private again = false;
  /** Null while nobody could say yet: that there is none would be told as a return from a backup. */
  private head: number | null = null;
  private readonly complain: (error: unknown) => void;

  constructor(private readonly telling: Telling<Change>) {
    const log = telling.log ?? nestLog(telling.beats);
    this.complain = nowAndThen(() => log, 'changes could not be told; trying again');
  }

  async start(): Promise<void> {
    this.timer = setInterval(() => void this.pulse(), BEAT_MILLISECONDS);
    await this.pulse();
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.running;
  }

  /** The newest revision this replica knows of. */
  get revision(): number {
    return this.head ?? 0;
  }

  /** After a commit: tell it now. Calls that come while it is being told are told in one more round. */
  tell(): Promise<void> {
    if (this.running) {
      this.again = true;
      return this.running;
    }
    this.running = this.tellAll();
    return this.running;
  }

  private async tellAll(): Promise<void> {
    const { waiting, publish, markTold } = this.telling.untold;
    do {
      this.again = false;
      try {
        for (let changes = await waiting(); changes.length; changes = await waiting()) {
          for (const change of changes) {
            await publish(change);
            this.head = Math.max(this.head ?? 0, change.revision);
          }
          await markTold(changes.map(({ revision }) => revision));
        }
      } catch (error) {
        this.complain(error);
        break;
      }
    } while (this.again);
    // In the same breath as the last look at `again`: nobody can ask for one more round in between and be forgotten.
    this.running = undefined;
  }

  /** The heartbeat carries the newest revision: a gateway that has missed an event sees the gap within a second. */
  private async pulse(): Promise<void> {
    const { bus, beats, untold, now, onBeat } = this.telling;
    try {
      // As it is, also where it is lower than before: what came back from a backup is older than what was told.
      this.head = await untold.head();
    } catch {
      // Without Postgres nothing can change either: the head we know is still the head.
    }
    if (this.head !== null) beat(bus, { service: beats, revision: this.head, sent_at: now() });
    onBeat?.();
    await this.tell();
  }
}
