import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { AuditEvent, AuditRpc } from '#contracts/audit';
import { Refused } from '#contracts/refusals';
import type { Answers, Asked, CallContext } from '#contracts/rpc';
import { Clock } from '#runtime/clock';
import { assertHolds, readActor } from '../mutation/actors.js';
import { AuditEntry } from '../store/entities.js';

type Request = Asked<typeof AuditRpc.listAuditEvents>;

@Injectable()
export class ListAuditEvents {
  constructor(
    private readonly db: DataSource,
    private readonly clock: Clock,
  ) {}

  async run(request: Request, { actor }: CallContext): Promise<Answers<typeof AuditRpc.listAuditEvents>> {
    const { organization_id, limit } = request;
    assertHolds(await readActor(this.db.manager, actor, organization_id, this.clock.date()), 'admin');
    const found = await this.matching(request)
      .orderBy('e.seq', 'DESC')
      .limit(limit + 1)
      .getMany();
    const entries = found.slice(0, limit);
    return {
      events: entries.map(eventOf),
      next_cursor: found.length > limit ? (entries.at(-1)?.seq ?? null) : null,
    };
  }

  private matching({ organization_id, subject, actor, action, since, until, cursor }: Request) {
    const query = this.db
      .createQueryBuilder(AuditEntry, 'e')
      .where('e.organizationId = :organization_id', { organization_id });
    if (subject) query.andWhere('e.subject = :subject', { subject });
    if (actor) query.andWhere('e.actor = :actor', { actor });
    if (action) query.andWhere('e.action = :action', { action });
    if (since) query.andWhere('e.at >= :since', { since });
    if (until) query.andWhere('e.at < :until', { until });
    if (cursor !== undefined) query.andWhere('e.seq < :before', { before: seqOf(cursor) });
    return query;
  }
}

function seqOf(cursor: string): string {
  if (/^\d{1,18}$/.test(cursor)) return cursor;
  throw new Refused('invalid_request', { message: 'cursor is not one that was given out here', param: 'cursor' });
}

function eventOf({ organizationId, seq, at, requestId, ...said }: AuditEntry): AuditEvent {
  return {
    ...said,
    organization_id: organizationId,
    seq: Number(seq),
    at: at.toISOString(),
    request_id: requestId,
  };
}
