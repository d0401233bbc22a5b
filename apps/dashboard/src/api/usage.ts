import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { answer, api, type Schemas } from './client.js';
import type { paths } from './schema.gen.js';

export type UsageRow = Schemas['UsageRow'];
export type UsageQuery = NonNullable<paths['/api/usage']['get']['parameters']['query']>;

export interface Report {
  /** Over time: the dearest groups by name, and all others in rows that name none. */
  readonly rows: readonly UsageRow[];
  /** Every group, over all of the time. */
  readonly totals: readonly UsageRow[];
  readonly asOf: string;
  /** False where there are more groups than a page has room for. */
  readonly whole: boolean;
}

/** As many can be told apart by their colour. */
const MOST_SERIES = 7;
/** Of groups; the file of an export has all of them. */
const MOST_TOTALS = 10_000;
const LIVE_MILLISECONDS = 5000;
/** Of a report of many pages: it is not read anew while the last reading is still under way. */
const PAGE_ROWS = 1000;

export const usageReport = (query: UsageQuery) =>
  queryOptions({
    queryKey: ['usage', query],
    queryFn: async ({ signal }): Promise<Report> => {
      const [overTime, totals] = await Promise.all([
        everyRow({ ...query, top: MOST_SERIES }, signal),
        everyRow({ ...query, totals: 'true' }, signal, MOST_TOTALS),
      ]);
      return { rows: overTime.rows, totals: totals.rows, asOf: overTime.asOf, whole: totals.whole };
    },
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => LIVE_MILLISECONDS * Math.ceil(rowsOf(state.data) / PAGE_ROWS),
  });

const rowsOf = (report: Report | undefined) => (report ? report.rows.length + report.totals.length : 0) + 1;

/** Page after page, to the end or to the most that is wanted. */
async function everyRow(query: UsageQuery, signal: AbortSignal, most = Number.POSITIVE_INFINITY) {
  const rows: UsageRow[] = [];
  for (let cursor: string | undefined; ; ) {
    const page = await answer(api.GET('/api/usage', { params: { query: { ...query, cursor } }, signal }));
    rows.push(...page.data);
    if (page.next_cursor === null || rows.length >= most)
      return { rows, asOf: page.as_of, whole: page.next_cursor === null };
    cursor = page.next_cursor;
  }
}

/** For a link that a browser follows by itself: the file goes from the server to the disk. */
export function exportAddress(query: UsageQuery, format: 'csv' | 'json'): string {
  const given = Object.entries({ ...query, format }).filter(([, value]) => value !== undefined);
  return `/api/usage/export?${new URLSearchParams(given.map(([name, value]) => [name, String(value)]))}`;
}
