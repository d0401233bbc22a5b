import type { Provider } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { AccessRpc } from '#contracts/access';
import type { Asked, CallContext } from '#contracts/rpc';
import { BusClient } from '#rpc/client';
import { Clock } from '../clock.js';
import type { Log } from '../log.js';
import { type Deed, Deeds } from './deeds.js';
import { claim, keepAnswer } from './idempotency.js';

/** What a mutation's own work has at hand. */
export interface Doing {
  readonly db: EntityManager;
  readonly actor: string;
  readonly now: Date;
  /** For the audit log. Never with a secret. */
  readonly audit: (deed: Deed) => void;
}

interface Mutation<Answer> {
  readonly name: string;
  /** Whose audit log tells of it, and what whoever asks must be and may do there. */
  readonly asks: Asked<typeof AccessRpc.authorize>;
  readonly context: CallContext;
  /** Never with a secret: a digest of it is kept beside an Idempotency-Key. */
  readonly request: unknown;
  readonly work: (doing: Doing) => Promise<Answer>;
}

const AUTHORIZE_MILLISECONDS = 900;

/**
 * The one way anything here is changed. Who may do it is asked of the keys service; that it is done once, and what the
 * audit log will say of it, is written in the transaction of the change itself.
 */
export class Mutations {
  constructor(
    private readonly db: DataSource,
    private readonly bus: BusClient,
    private readonly deeds: Deeds,
    private readonly clock: Clock,
  ) {}

  async run<Answer>(mutation: Mutation<Answer>): Promise<Answer> {
    const { asks, context } = mutation;
    const { requestId, origin, deadline } = context;
    const options = { actor: context.actor, requestId, origin, deadline, timeoutMs: AUTHORIZE_MILLISECONDS };
    const { actor } = await this.bus.call(AccessRpc.authorize, asks, options);
    const answer = await this.db.transaction((tx) => this.attempt(tx, actor, mutation));
    // Told before the answer where that is quick; what could not be told waits, and is told later.
    await this.deeds.tell();
    return answer;
  }

  private async attempt<Answer>(db: EntityManager, actor: string, mutation: Mutation<Answer>): Promise<Answer> {
    const { name, asks, context, request, work } = mutation;
    const { idempotencyKey } = context;
    const now = this.clock.date();
    if (idempotencyKey !== undefined) {
      const repeated = await claim(db, actor, idempotencyKey, [name, request], now);
      if (repeated) return repeated.answer as Answer;
    }
    const done: Deed[] = [];
    const answer = await work({ db, actor, now, audit: (deed) => done.push(deed) });
    if (idempotencyKey !== undefined) await keepAnswer(db, actor, idempotencyKey, answer);
    await this.deeds.keep(db, done, { organizationId: asks.organization_id, actor, at: now, context });
    return answer;
  }
}

/** For the module of a service that changes things of its own: it has the tables `deed` and `idempotency`. */
export function mutationsWith(log: Log): Provider[] {
  return [
    {
      provide: Deeds,
      useFactory: (db: DataSource, bus: BusClient) => new Deeds(db, bus, log),
      inject: [DataSource, BusClient],
    },
    {
      provide: Mutations,
      useFactory: (db: DataSource, bus: BusClient, deeds: Deeds, clock: Clock) => new Mutations(db, bus, deeds, clock),
      inject: [DataSource, BusClient, Deeds, Clock],
    },
  ];
}
