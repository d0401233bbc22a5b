import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { answer, api, type Schemas } from './client.js';
import type { paths } from './schema.gen.js';

export type UsageRow = Schemas['UsageRow'];
export type UsageQuery = NonNullable<paths['/api/usage']['get']['parameters']['query']>;

export interface Report {
  readonly rows: readonly UsageRow[];
  readonly asOf: string;
  /** False where there was more than a page has room for. */
  readonly whole: boolean;
}

/** Of a report; the file of an export has all of them. */
const MOST_ROWS = 10_000;
const LIVE_MILLISECONDS = 5000;
/** Of a report of many pages: it is not read anew while the last reading is still under way. */
const PAGE_ROWS = 1000;

export const usageReport = (query: UsageQuery) =>
  queryOptions({
    queryKey: ['usage', query],
    queryFn: async ({ signal }): Promise<Report> => {
      const rows: UsageRow[] = [];
      for (let cursor: string | undefined; ; ) {
        const page = await answer(api.GET('/api/usage', { params: { query: { ...query, cursor } }, signal }));
        rows.push(...page.data);
        if (page.next_cursor === null || rows.length >= MOST_ROWS)
          return { rows, asOf: page.as_of, whole: page.next_cursor === null };
        cursor = page.next_cursor;
      }
    },
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => LIVE_MILLISECONDS * Math.ceil(((state.data?.rows.length ?? 0) + 1) / PAGE_ROWS),
  });

/** For a link that a browser follows by itself: the file goes from the server to the disk. */
export function exportAddress(query: UsageQuery, format: 'csv' | 'json'): string {
  const given = Object.entries({ ...query, format }).filter(([, value]) => value !== undefined);
  return `/api/usage/export?${new URLSearchParams(given.map(([name, value]) => [name, String(value)]))}`;
}
