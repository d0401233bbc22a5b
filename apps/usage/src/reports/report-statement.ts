import { Refused } from '#contracts/refusals';
import type { Group, ReportsRpc } from '#contracts/reports';
import type { Asked } from '#contracts/rpc';

type Request = Asked<typeof ReportsRpc.getReport>;

export const BUCKET_MILLISECONDS = { '1m': 60_000, '1h': 3_600_000, '1d': 86_400_000 };
const TABLES = { '1m': 'usage_minute', '1h': 'usage_hour', '1d': 'usage_day' };
const COLUMNS: Record<Group, string> = {
  project: 'project_id',
  key: 'key_id',
  model: 'model',
  provider: 'provider',
  own_key: 'own_key',
};
const TYPES: Record<string, string> = { start: 'timestamptz', own_key: 'boolean', rest: 'boolean' };
const SUMS = [
  'requests',
  'denied',
  'errors',
  'input_tokens',
  'cached_input_tokens',
  'cache_write_tokens',
  'output_tokens',
  'reasoning_tokens',
  'cost_nanos',
] as const;

/** As Postgres gives it: sums are text, and a column that was not asked for is not there. */
export interface ReportRow extends Record<(typeof SUMS)[number] | 'own_key_cost_nanos', string> {
  readonly start: Date;
  readonly currency: string;
  /** Where the row stands, for the next page. */
  readonly place: string;
  readonly project_id?: string;
  readonly key_id?: string;
  readonly model?: string;
  readonly provider?: string;
  readonly own_key?: boolean;
  /** It is all groups together that are not among the first. */
  readonly rest?: boolean;
}

/**
 * Reads totals and never the log. What one key used has rows of its own, and so has the whole of the organization; only who
 * asks for all keys one by one reads the rows of all. Hours and days are read as far as they have come, and the minutes after
 * that from their own table: a few, since `folding.ts` follows closely.
 */
export function reportStatement(request: Request): { sql: string; values: unknown[] } {
  const values: unknown[] = [];
  const value = (given: unknown) => `$${values.push(given)}`;
  const names = [...new Set(request.group_by)].sort().map((group) => COLUMNS[group]);
  const top = names.length > 0 ? request.top : undefined;
  const order = [...(request.totals ? [] : ['start']), ...(top ? ['rest'] : []), ...names, 'currency'];
  const after = request.cursor === undefined ? null : placeOf(request.cursor, order);
  const where = [
    `organization_id = ${value(request.organization_id)}`,
    keyCondition(request, value),
    ...(['project_id', 'model', 'provider', 'own_key'] as const)
      .filter((name) => request[name] !== undefined)
      .map((name) => `${name} = ${value(request[name])}`),
  ];
  // What is before the last page is not added up again, but where all of it says which groups are the first.
  const begins = value((request.totals || top ? undefined : after?.[0]) ?? beginningOf(request));
  // What a row was sent with is looked at also where it is told apart by something else.
  const columns = ['start', ...names, 'currency', 'own_key AS sent_with_own', ...SUMS];
  const totals = `SELECT ${columns.join(', ')} FROM ${TABLES[request.bucket]}
    WHERE ${where.join(' AND ')} AND start >= ${begins} AND start < ${value(request.end)}`;
  const parts = [totals];
  if (request.bucket !== '1m') {
    const start = `date_trunc('${request.bucket === '1h' ? 'hour' : 'day'}', start, 'UTC') AS start`;
    parts.push(`SELECT ${columns.map((name) => (name === 'start' ? start : name)).join(', ')} FROM usage_minute
      WHERE ${where.join(' AND ')} AND start < ${value(endingOf(request))}
        AND start >= greatest(${begins}::timestamptz, (SELECT until FROM usage_folded))`);
  }
  const sums = SUMS.map((sum) => `sum(${sum}) AS ${sum}`);
  const all = parts.join(' UNION ALL ');
  const grouped = `SELECT ${order.join(', ')}, ${sums.join(', ')},
      coalesce(sum(cost_nanos) FILTER (WHERE sent_with_own), 0) AS own_key_cost_nanos
    FROM (${top ? foldedTo(value(top), all, columns, names) : all}) AS parts GROUP BY ${order.join(', ')}`;
  const place = `json_build_array(${order.map((name) => (name === 'start' ? `to_char(start AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')` : `${name}::text`)).join(', ')})::text`;
  const types = order.map((name) => TYPES[name] ?? 'text');
  const beyond = after
    ? `WHERE (${order.join(', ')}) > (${after.map((part, index) => `${value(part)}::${types[index]}`).join(', ')})`
    : '';
  const since = request.totals ? `${begins}::timestamptz AS start, ` : '';
  const sql = `SELECT ${since}*, ${place} AS place FROM (${grouped}) g ${beyond} ORDER BY ${order.join(', ')} LIMIT ${request.limit + 1}`;
  return { sql, values };
}

/** The same rows, and all that are not of the first groups under one name: the dearest, or else the busiest. */
function foldedTo(top: string, all: string, columns: readonly string[], names: readonly string[]): string {
  const groups = [...names, 'currency'].join(', ');
  const isRest = `rank > ${top}::int`;
  const folded = columns.map((column) => {
    if (!names.includes(column)) return column.split(' AS ').at(-1);
    return `CASE WHEN ${isRest} THEN ${column === 'own_key' ? 'false' : "''"} ELSE ${column} END AS ${column}`;
  });
  return `WITH parts AS MATERIALIZED (${all}), ranked AS (
      SELECT ${groups}, row_number() OVER
        (PARTITION BY currency ORDER BY sum(cost_nanos) DESC, sum(requests) DESC, ${names.join(', ')}) AS rank
      FROM parts GROUP BY ${groups})
    SELECT ${folded.join(', ')}, ${isRest} AS rest FROM parts JOIN ranked USING (${groups})`;
}

function keyCondition({ key_id, group_by }: Request, value: (given: unknown) => string): string {
  if (key_id !== undefined) return `key_id = ${value(key_id)}`;
  return group_by.includes('key') ? `key_id > ''` : `key_id = ''`;
}

/** The bucket that the start is in, from its beginning: half of one cannot be told. */
function beginningOf({ start, bucket }: Request): string {
  const size = BUCKET_MILLISECONDS[bucket];
  return new Date(Math.floor(Date.parse(start) / size) * size).toISOString();
}

/** Where the bucket ends that the last moment is in: all of its minutes are in it. */
function endingOf({ end, bucket }: Request): string {
  const size = BUCKET_MILLISECONDS[bucket];
  return new Date(Math.ceil(Date.parse(end) / size) * size).toISOString();
}

export function cursorOf({ place }: ReportRow): string {
  return Buffer.from(place).toString('base64url');
}

function placeOf(cursor: string, names: readonly string[]): string[] {
  try {
    const place: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (isPlace(place, names)) return place;
  } catch {
    // Falls through to the refusal.
  }
  throw new Refused('invalid_request', { message: 'cursor is not one that was given out here', param: 'cursor' });
}

/** A cursor is text from outside like any other: what Postgres could not read as what it stands for is not one of ours. */
const PLAIN = /^[^\p{Cc}\p{Cs}]*$/u;
const PARTS: Record<string, RegExp> = {
  start: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/,
  own_key: /^(true|false)$/,
  rest: /^(true|false)$/,
};

function isPlace(place: unknown, names: readonly string[]): place is string[] {
  return (
    Array.isArray(place) &&
    place.length === names.length &&
    place.every((part, index) => typeof part === 'string' && (PARTS[names[index] ?? ''] ?? PLAIN).test(part))
  );
}
