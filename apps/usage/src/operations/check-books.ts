import { Inject, Injectable } from '@nestjs/common';
import { Gauge } from 'prom-client';
import type { DataSource } from 'typeorm';
import { AccessRpc } from '#contracts/access';
import type { BooksRpc } from '#contracts/books';
import type { Answers, Asked, CallContext } from '#contracts/rpc';
import { formatMoney } from '#domain/money';
import { BusClient } from '#rpc/client';
import { Clock } from '#runtime/clock';
import { findDrifts, repairBooks } from '../bank/books.js';
import { BOOKS_STORE, KIT, type UsageKit } from '../kit.js';

type Request = Asked<typeof BooksRpc.checkBooks>;

const MOST_NAMED = 100;

@Injectable()
export class CheckBooks {
  private readonly drift: Gauge;

  constructor(
    @Inject(BOOKS_STORE) private readonly db: DataSource,
    private readonly bus: BusClient,
    private readonly clock: Clock,
    @Inject(KIT) { metrics }: UsageKit,
  ) {
    this.drift = new Gauge({
      name: 'keyward_books_drifts',
      help: 'Sums that did not agree with the ledger when the books were last checked here',
      registers: [metrics],
    });
  }

  async run(request: Request, { actor, requestId }: CallContext): Promise<Answers<typeof BooksRpc.checkBooks>> {
    const asks = { organization_id: request.organization_id, needs: 'admin', as_operator: true } as const;
    await this.bus.call(AccessRpc.authorize, asks, { actor, requestId, timeoutMs: 900 });
    const drifts = request.repair ? await repairBooks(this.db) : await findDrifts(this.db);
    this.drift.set(request.repair ? 0 : drifts.length);
    const [{ buckets }] = await this.db.query('SELECT count(*)::int AS buckets FROM bucket');
    return {
      checked_at: this.clock.date().toISOString(),
      buckets,
      drifts: drifts.slice(0, MOST_NAMED).map(({ what, id, expected, found }) => ({
        what,
        id,
        expected: formatMoney(expected),
        found: formatMoney(found),
      })),
      count: drifts.length,
      repaired: request.repair,
    };
  }
}
