import { randomUUID } from 'node:crypto';
import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import type { DataSource, EntityManager } from 'typeorm';
import { AuditRpc } from '#contracts/audit';
import { Refused } from '#contracts/refusals';
import type { Asks, CallContext } from '#contracts/rpc';
import type { BusClient } from '#rpc/client';
import { nowAndThen } from '#rpc/now-and-then';
import type { Log } from '../log.js';

/** What somebody did, as the audit log says it. */
export interface Deed {
  readonly action: string;
  /** The id of what it was done to. */
  readonly subject: string;
  readonly before: Record<string, unknown> | null;
  readonly after: Record<string, unknown> | null;
}

interface Facts {
  readonly organizationId: string;
  readonly actor: string;
  readonly at: Date;
  readonly context: CallContext;
}

type Entry = Asks<typeof AuditRpc.recordDeed>;

const RETRY_MILLISECONDS = 1000;
const TELL_MILLISECONDS = 900;
const AT_ONCE = 100;

/**
 * The audit log is the keys service’s. What was done here waits in a table of ours, written in the transaction of the
 * change, until that service has it: nothing done is ever untold, and nothing told was rolled back. An entry that is told
 * twice, because its answer was lost, has the same id and is written once.
 */
export class Deeds implements OnApplicationBootstrap, OnApplicationShutdown {
  private timer?: NodeJS.Timeout;
  private telling?: Promise<void>;
  private again = false;
  private readonly complain = nowAndThen(
    () => this.log,
    'the audit log could not be told of a change yet; trying again',
  );

  constructor(
    private readonly db: DataSource,
    private readonly bus: BusClient,
    private readonly log: Log,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void this.tell(), RETRY_MILLISECONDS);
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.telling;
  }

  async keep(db: EntityManager, deeds: readonly Deed[], { organizationId, actor, at, context }: Facts): Promise<void> {
    for (const deed of deeds) {
      const entry: Entry = {
        ...deed,
        organization_id: organizationId,
        deed_id: randomUUID(),
        at: at.toISOString(),
        actor,
        origin: context.origin ?? null,
        request_id: context.requestId,
      };
      await db.query('INSERT INTO deed (entry) VALUES ($1)', [entry]);
    }
  }

  /** Everything that waits. Calls that come while it is being told are told in one more round. */
  tell(): Promise<void> {
    if (this.telling) this.again = true;
    else this.telling = this.tellAll();
    return this.telling ?? Promise.resolve();
  }

  private async tellAll(): Promise<void> {
    do {
      this.again = false;
      try {
        const waiting: { seq: string; entry: Entry }[] = await this.db.query(
          `SELECT seq, entry FROM deed ORDER BY seq LIMIT ${AT_ONCE}`,
        );
        for (const { seq, entry } of waiting) {
          await this.tellOne(entry);
          await this.db.query('DELETE FROM deed WHERE seq = $1', [seq]);
        }
        if (waiting.length === AT_ONCE) this.again = true;
      } catch (error) {
        this.complain(error);
        break;
      }
    } while (this.again);
    // In the same breath as the last look at `again`, so that nobody is forgotten in between.
    this.telling = undefined;
  }

  private async tellOne(entry: Entry): Promise<void> {
    try {
      await this.bus.call(AuditRpc.recordDeed, entry, { timeoutMs: TELL_MILLISECONDS });
    } catch (error) {
      if (!(error instanceof Refused) || error.status >= 500) throw error;
      // It will never be taken, and those behind it must not wait for it for ever.
      this.log.error({ err: error, entry }, 'the audit log does not take an entry');
    }
  }
}
