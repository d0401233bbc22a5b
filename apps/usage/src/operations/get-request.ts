import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Refused } from '#contracts/refusals';
import type { ReportsRpc } from '#contracts/reports';
import type { Answers, Asked } from '#contracts/rpc';
import { bornAt } from '#domain/id';
import { LOGGED_COLUMNS, type LoggedRow, loggedRequest, WITH_CORRECTION } from '../reports/logged-request.js';

@Injectable()
export class GetRequest {
  constructor(private readonly db: DataSource) {}

  async run({
    organization_id,
    request_id,
    key_id,
  }: Asked<typeof ReportsRpc.getRequest>): Promise<Answers<typeof ReportsRpc.getRequest>> {
    // The id says when the request was, and so in which partition it is.
    const [row]: LoggedRow[] = await this.db.query(
      `SELECT ${LOGGED_COLUMNS} FROM usage_event e ${WITH_CORRECTION}
        WHERE e.organization_id = $1 AND e.request_id = $2 AND e.at = $3 AND e.kind IN ('final', 'denied')
          AND ($4::text IS NULL OR e.key_id = $4)
        ORDER BY e.kind DESC LIMIT 1`,
      [organization_id, request_id, momentOf(request_id), key_id ?? null],
    );
    if (!row) throw new Refused('not_found', { message: 'There is no such request, or it is older than the log.' });
    return { ...loggedRequest(row), secret_id: row.secret_id, decision: row.trace };
  }
}

/** An id is text from outside: one of the year 10889 is nobody's. */
function momentOf(requestId: string): string {
  const born = bornAt(requestId);
  if (born > 253_402_300_799_999) throw new Refused('not_found', { message: 'There is no such request.' });
  return new Date(born).toISOString();
}
