import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Refused } from '#contracts/refusals';
import type { ReportsRpc } from '#contracts/reports';
import type { Answers, Asked } from '#contracts/rpc';
import { bornAt, idPattern } from '#domain/id';
import { Freshness } from '../freshness.js';
import { loggedRequest } from '../reports/logged-request.js';
import { type LogPlace, type WalkedRow, walkStatement } from '../reports/walk-statement.js';

type Request = Asked<typeof ReportsRpc.listRequests>;

@Injectable()
export class ListRequests {
  constructor(
    private readonly db: DataSource,
    private readonly freshness: Freshness,
  ) {}

  async run(request: Request): Promise<Answers<typeof ReportsRpc.listRequests>> {
    const as_of = this.freshness.asOf();
    const { sql, values } = walkStatement(request, placeOf(request.cursor));
    const walked: WalkedRow[] = await this.db.query(sql, values);
    const rows = walked.filter((row) => row.fits);
    const page = rows.slice(0, request.limit);
    // There is more behind the page; or nothing more that fits was seen, but the walk ended before the log did.
    const last = rows.length > request.limit ? page.at(-1) : walked.find((row) => row.is_end_of_walk);
    return { requests: page.map(loggedRequest), next_cursor: last?.request_id ?? null, as_of };
  }
}

/** A request's id says when it was: it is its own place in the log. */
function placeOf(cursor: string | undefined): LogPlace | null {
  if (cursor === undefined) return null;
  if (!idPattern('request').test(cursor) || bornAt(cursor) > Date.now() * 2)
    throw new Refused('invalid_request', { message: 'cursor is not one that was given out here', param: 'cursor' });
  return { request_id: cursor, at: new Date(bornAt(cursor)).toISOString() };
}
