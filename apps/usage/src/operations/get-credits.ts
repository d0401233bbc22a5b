import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AccessRpc } from '#contracts/access';
import type { CreditsRpc } from '#contracts/credits';
import type { Answers, Asked, CallContext } from '#contracts/rpc';
import { BusClient } from '#rpc/client';
import { Clock } from '#runtime/clock';
import { readCursor, writeCursor } from '#runtime/store/cursor';
import { readBalances, readEntries } from '../bank/credits.js';

type Request = Asked<typeof CreditsRpc.getCredits>;

@Injectable()
export class GetCredits {
  constructor(
    private readonly db: DataSource,
    private readonly bus: BusClient,
    private readonly clock: Clock,
  ) {}

  async run(request: Request, { actor, requestId }: CallContext): Promise<Answers<typeof CreditsRpc.getCredits>> {
    const { organization_id, limit, cursor } = request;
    await this.bus.call(AccessRpc.authorize, { organization_id, needs: 'admin' }, { actor, requestId, timeoutMs: 900 });
    const before = readCursor(cursor)?.id ?? null;
    const [balances, entries] = await Promise.all([
      readBalances(this.db, organization_id, this.clock.date()),
      readEntries(this.db, organization_id, before, limit + 1),
    ]);
    const page = entries.slice(0, limit);
    const last = page.at(-1);
    const next_cursor = entries.length > limit && last ? writeCursor({ value: last.created_at, id: last.id }) : null;
    return { balances, entries: page, next_cursor };
  }
}
