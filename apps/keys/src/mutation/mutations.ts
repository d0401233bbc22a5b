import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import type { CallContext } from '#contracts/rpc';
import type { Scope } from '#domain/access/scope';
import { Clock } from '#runtime/clock';
import { claim, keepAnswer } from '#runtime/store/idempotency';
import { ChangeFeed } from '../change-feed.js';
import { type Change, recordChange } from '../store/changes.js';
import { type Actor, assertHolds, readActor } from './actors.js';
import { appendDeeds, type Deed } from './audit-chain.js';
import { AuditSeal } from './audit-seal.js';

/** What a piece of work is given, and tells of itself. */
export interface Doing {
  readonly db: EntityManager;
  readonly who: Actor;
  readonly now: Date;
  /** For the audit log. Never with a secret or its digest. */
  readonly audit: (deed: Deed) => void;
  /** For the gateways: what they hold of this key, or of this project's keys, is no longer true. */
  readonly changed: (change: Omit<Change, 'organization_id'>) => void;
}

export interface Mutation<Answer> {
  readonly name: string;
  readonly organizationId: string;
  readonly needs: Scope;
  readonly context: CallContext;
  /** Where it is known already, in place of the actor of the context. */
  readonly who?: Actor;
  /** Never with a password: a digest of it is kept beside an Idempotency-Key. */
  readonly request: unknown;
  readonly work: (doing: Doing) => Promise<Answer>;
  /** What may be kept of the answer, and given again to a repeated request: everything but a secret. */
  readonly keep?: (answer: Answer) => Answer;
}

export interface Done<Answer> {
  readonly answer: Answer;
  /** The revision the gateways have to reach; null where they need not know. */
  readonly revision: number | null;
  /** On the clock of `performance.now()`: from here on the change is true. */
  readonly committedAt: number;
}

/**
 * The one way anything here is changed: asked who does it, done once however often it is asked for, written to the
 * audit log and told to the gateways, all in one transaction, so that none of these ever happens without the others.
 */
@Injectable()
export class Mutations {
  constructor(
    private readonly db: DataSource,
    private readonly clock: Clock,
    private readonly feed: ChangeFeed,
    private readonly seal: AuditSeal,
  ) {}

  async run<Answer>(mutation: Mutation<Answer>): Promise<Done<Answer>> {
    const attempt = await this.db.transaction((tx) => this.attempt(tx, mutation));
    const done = { ...attempt, committedAt: performance.now() };
    // Told before the answer: whoever reads "deleted" may count on the gateways having been told.
    if (done.revision !== null) await this.feed.tell();
    return done;
  }

  private async attempt<Answer>(
    tx: EntityManager,
    mutation: Mutation<Answer>,
  ): Promise<Omit<Done<Answer>, 'committedAt'>> {
    const { name, organizationId, needs, context, request, work, keep = (answer) => answer } = mutation;
    const now = this.clock.date();
    const { idempotencyKey, requestId, origin = null } = context;
    const who = mutation.who ?? (await readActor(tx, context.actor, organizationId, now));
    const actor = who.name;
    assertHolds(who, needs);
    if (idempotencyKey !== undefined) {
      const repeated = await claim(tx, actor, idempotencyKey, [name, request], now);
      if (repeated) return { answer: repeated.answer as Answer, revision: null };
    }
    const deeds: Deed[] = [];
    const changes: Parameters<Doing['changed']>[0][] = [];
    const answer = await work({
      db: tx,
      who,
      now,
      audit: (deed) => deeds.push(deed),
      changed: (change) => changes.push(change),
    });
    if (idempotencyKey !== undefined) await keepAnswer(tx, actor, idempotencyKey, keep(answer));
    await appendDeeds(tx, this.seal, deeds, { organizationId, at: now, actor, origin, requestId });
    // Last, because from here until the commit every other change of any key waits.
    let revision: number | null = null;
    for (const change of changes)
      revision = await recordChange(tx, { ...change, organization_id: organizationId }, now);
    return { answer, revision };
  }
}
