import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import { answer, api, type Schemas } from './client.js';
import type { paths } from './schema.gen.js';

export type UsageRow = Schemas['UsageRow'];
export type UsageQuery = NonNullable<paths['/api/usage']['get']['parameters']['query']>;

export interface Report {
  /** Over time: the dearest groups by name, and all others in rows that name none. */
  readonly rows: readonly UsageRow[];
  readonly asOf: string;
}

/** As many can be told apart by their colour. */
const MOST_SERIES = 7;
const LIVE_MILLISECONDS = 5000;

export const usageReport = (query: UsageQuery) =>
  queryOptions({
    queryKey: ['usage', query],
    queryFn: ({ signal }) => everyRow({ ...query, top: MOST_SERIES }, signal),
    placeholderData: keepPreviousData,
    // What takes many pages is not read anew while the last reading is still under way.
    refetchInterval: ({ state }) => LIVE_MILLISECONDS * (state.data?.pages ?? 1),
  });

/** Every group over all of the time, the dearest first: as far as somebody has looked through it. */
export const usageTotals = (query: UsageQuery) =>
  infiniteQueryOptions({
    queryKey: ['usage', 'totals', query],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) =>
      answer(api.GET('/api/usage', { params: { query: { ...query, totals: 'true', cursor: pageParam } }, signal })),
    getNextPageParam: ({ next_cursor }) => next_cursor ?? undefined,
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => LIVE_MILLISECONDS * (state.data?.pages.length ?? 1),
  });

/** Page after page, to the end. */
async function everyRow(query: UsageQuery, signal: AbortSignal): Promise<Report & { readonly pages: number }> {
  const rows: UsageRow[] = [];
  let cursor: string | undefined;
  for (let pages = 1; ; pages++) {
    const page = await answer(api.GET('/api/usage', { params: { query: { ...query, cursor } }, signal }));
    rows.push(...page.data);
    if (page.next_cursor === null) return { rows, asOf: page.as_of, pages };
    cursor = page.next_cursor;
  }
}

/** For a link that a browser follows by itself: the file goes from the server to the disk. */
export function exportAddress(query: UsageQuery, format: 'csv' | 'json'): string {
  const given = Object.entries({ ...query, format }).filter(([, value]) => value !== undefined);
  return `/api/usage/export?${new URLSearchParams(given.map(([name, value]) => [name, String(value)]))}`;
}
