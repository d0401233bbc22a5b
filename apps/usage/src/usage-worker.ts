import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Counter } from 'prom-client';
import type { DataSource } from 'typeorm';
import type { SecretUse, UsageEvent } from '#contracts/usage';
import { nowAndThen } from '#rpc/now-and-then';
import { Freshness } from './freshness.js';
import { KIT, LEDGER_STORE, type UsageKit } from './kit.js';
import { LedgerWriter } from './ledger-writer.js';
import { writeUses } from './store/secret-uses.js';
import { type Taken, UsageQueue } from './usage-queue.js';

const RETRY_MILLISECONDS = 500;

/** Carries usage from the bus into the ledger. Acknowledges what Postgres has committed, and nothing before. */
@Injectable()
export class UsageWorker implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly written: Counter;
  private readonly queue: UsageQueue;
  private readonly stopping = new AbortController();
  private running?: Promise<void>;
  private trouble?: Error;
  private readonly complain = nowAndThen(() => this.kit.log, 'usage could not be written; trying again');

  constructor(
    @Inject(LEDGER_STORE) private readonly db: DataSource,
    private readonly writer: LedgerWriter,
    private readonly freshness: Freshness,
    @Inject(KIT) private readonly kit: UsageKit,
  ) {
    this.queue = new UsageQueue(kit.bus, kit.log);
    this.written = new Counter({
      name: 'keyward_usage_events_written_total',
      help: 'Usage events written to the ledger',
      registers: [kit.metrics],
    });
  }

  onApplicationBootstrap(): void {
    this.kit.health.watch('ledger', () => {
      if (this.trouble) throw this.trouble;
    });
    this.running = this.work();
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  private async work(): Promise<void> {
    let next = this.take();
    let older = Promise.resolve();
    let newer = Promise.resolve();
    while (!this.stopping.signal.aborted) {
      try {
        const taken = await next;
        // While these are written, the next are fetched and read.
        next = this.take();
        // Two at a time: while Postgres works for one, this process works for the other.
        await older;
        older = newer;
        newer = this.carry(taken, newer);
      } catch (error) {
        await this.rest(error as Error);
        next = this.take();
      }
    }
    await Promise.all([older, newer]);
    // Taken and not begun: another replica may have it at once.
    await next.then(
      (taken) => taken.giveBack(0),
      () => {},
    );
  }

  private take(): Promise<Taken> {
    const taken = this.queue.take();
    // Whoever comes for it sees the error; it must not be taken for one that nobody looks at.
    taken.catch(() => {});
    return taken;
  }

  private async carry(taken: Taken, before: Promise<void>): Promise<void> {
    try {
      await this.write(taken);
    } catch (error) {
      taken.giveBack(RETRY_MILLISECONDS);
      return this.rest(error as Error);
    }
    taken.done();
    this.trouble = undefined;
    // Everything up to a moment is there when this is, and what was told earlier.
    await before;
    if (taken.isAll) this.freshness.caughtUp();
    else this.freshness.reached(taken.lastAt);
  }

  private async write({ told, uses: others }: Taken): Promise<void> {
    const uses = latestUses([...told.flatMap(({ events }) => events.filter(wasForwarded)), ...others]);
    // First, so that a key that was used has a secret that was.
    if (uses.length) await writeUses(this.db, uses);
    if (told.length) this.written.inc(await this.writer.write(told));
  }

  private async rest(error: Error): Promise<void> {
    this.trouble = error;
    this.complain(error);
    await sleep(RETRY_MILLISECONDS, undefined, { signal: this.stopping.signal }).catch(() => {});
  }
}

/** Events say as well that a secret was used. */
function wasForwarded({ kind }: UsageEvent): boolean {
  return kind === 'final';
}

function latestUses(uses: readonly SecretUse[]): SecretUse[] {
  const latest = new Map<string, SecretUse>();
  for (const { secret_id, key_id, organization_id, at } of uses)
    if (at > (latest.get(secret_id)?.at ?? '')) latest.set(secret_id, { secret_id, key_id, organization_id, at });
  return [...latest.values()];
}
