import type { ReportsRpc } from '#contracts/reports';
import type { Asked } from '#contracts/rpc';
import { LOGGED_COLUMNS, type LoggedRow, WITH_CORRECTION } from './logged-request.js';

type Request = Asked<typeof ReportsRpc.listRequests>;

export interface LogPlace {
  readonly request_id: string;
  readonly at: string;
}

export interface WalkedRow extends LoggedRow {
  readonly fits: boolean;
  /** The last row that was looked at, with more of the log behind it. */
  readonly is_end_of_walk: boolean;
}

/**
 * What is rare is not looked for through the whole log at once: after so many rows a page is handed out as it is, short or
 * empty, and its cursor goes on from there.
 */
const WALKED_ROWS = 5000;

/**
 * Walks an organization's log, or one key's, from the newest back: along an index, partition after partition, no further
 * than it must. Only the rows of the page are read whole.
 */
export function walkStatement(request: Request, after: LogPlace | null): { sql: string; values: unknown[] } {
  const values: unknown[] = [];
  const value = (given: unknown) => `$${values.push(given)}`;
  const where = [
    `organization_id = ${value(request.organization_id)}`,
    `kind <> 'correction'`,
    ...(request.key_id === undefined ? [] : [`key_id = ${value(request.key_id)}`]),
    ...(request.since === undefined ? [] : [`at >= ${value(request.since)}`]),
    ...(request.until === undefined ? [] : [`at < ${value(request.until)}`]),
    // The first half says which partitions and where in the index; the second, which of the same millisecond.
    ...(after
      ? [`at <= ${value(after.at)} AND (at, request_id) < (${value(after.at)}, ${value(after.request_id)})`]
      : []),
    // Those have an index of their own.
    ...(isAboutFailures(request) ? [`outcome <> 'ok'`] : []),
  ];
  const fits = [
    ...(['project_id', 'provider', 'status', 'code', 'outcome'] as const)
      .filter((name) => request[name] !== undefined)
      .map((name) => `${name} = ${value(request[name])}`),
    ...(request.model === undefined ? [] : [`${value(request.model)} IN (model, served_model)`]),
  ];
  const steps = fits.length ? WALKED_ROWS : request.limit + 1;
  const sql = `
    WITH walked AS (
      SELECT request_id, at, kind, coalesce(${fits.join(' AND ') || 'true'}, false) AS fits, row_number() OVER () AS step
        FROM (SELECT * FROM usage_event WHERE ${where.join(' AND ')} ORDER BY at DESC, request_id DESC LIMIT ${steps}) w
    ), page AS (
      (SELECT *, false AS is_end_of_walk FROM walked WHERE fits ORDER BY step LIMIT ${request.limit + 1})
      UNION ALL
      (SELECT request_id, at, kind, false, step, true FROM walked WHERE step = ${steps})
    )
    SELECT p.fits, p.is_end_of_walk, ${LOGGED_COLUMNS}
      FROM page p JOIN usage_event e ON e.request_id = p.request_id AND e.kind = p.kind AND e.at = p.at ${WITH_CORRECTION}
     ORDER BY p.step`;
  return { sql, values };
}

function isAboutFailures({ outcome, code }: Request): boolean {
  return code !== undefined || (outcome !== undefined && outcome !== 'ok');
}
