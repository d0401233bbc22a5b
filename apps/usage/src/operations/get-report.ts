import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Refused } from '#contracts/refusals';
import type { ReportsRpc, UsageRow } from '#contracts/reports';
import type { Answers, Asked } from '#contracts/rpc';
import { formatMoney } from '#domain/money';
import { Freshness } from '../freshness.js';
import { BUCKET_MILLISECONDS, cursorOf, type ReportRow, reportStatement } from '../reports/report-statement.js';

type Request = Asked<typeof ReportsRpc.getReport>;

/** Of time: a chart has no room for more, and a year of minutes is half a million. */
const MOST_BUCKETS = 1500;

@Injectable()
export class GetReport {
  constructor(
    private readonly db: DataSource,
    private readonly freshness: Freshness,
  ) {}

  async run(request: Request): Promise<Answers<typeof ReportsRpc.getReport>> {
    assertBounded(request);
    const { sql, values } = reportStatement(request);
    // Said before it is looked at: nothing is promised that came in between.
    const as_of = this.freshness.asOf();
    const found: ReportRow[] = await this.db.query(sql, values);
    const rows = found.slice(0, request.limit);
    const last = found.length > request.limit ? rows.at(-1) : undefined;
    return { rows: rows.map((row) => viewOf(row, request)), next_cursor: last ? cursorOf(last) : null, as_of };
  }
}

function assertBounded({ start, end, bucket }: Request): void {
  const span = Date.parse(end) - Date.parse(start);
  if (span <= 0) throw new Refused('invalid_request', { message: 'end must be after start', param: 'end' });
  if (span / BUCKET_MILLISECONDS[bucket] > MOST_BUCKETS)
    throw new Refused('invalid_request', {
      message: `From start to end there may be at most ${MOST_BUCKETS} buckets: take a larger bucket, or less time.`,
      param: 'bucket',
    });
}

function viewOf(row: ReportRow, { group_by }: Request): UsageRow {
  const groups = {
    project: row.project_id,
    key: row.key_id,
    model: row.model || null,
    provider: row.provider || null,
    own_key: row.own_key,
  };
  return {
    start: row.start.toISOString(),
    group: row.rest ? {} : Object.fromEntries(group_by.map((group) => [group, groups[group]])),
    requests: Number(row.requests),
    denied: Number(row.denied),
    errors: Number(row.errors),
    input_tokens: Number(row.input_tokens),
    cached_input_tokens: Number(row.cached_input_tokens),
    cache_write_tokens: Number(row.cache_write_tokens),
    output_tokens: Number(row.output_tokens),
    reasoning_tokens: Number(row.reasoning_tokens),
    cost: formatMoney(BigInt(row.cost_nanos)),
    own_key_cost: formatMoney(BigInt(row.own_key_cost_nanos)),
    currency: row.currency,
  };
}
