import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { answer, api } from './client.js';

export type KeyNames = ReadonlyMap<string, string>;

/** A house with more keys shows the ids of the rest. */
const MOST_KEYS = 500;

/** What keys are called, for lists that name them by their ids; of one project, or of all. */
export const keyNames = (project: string | undefined) =>
  queryOptions({
    queryKey: ['keys', 'names', project ?? null],
    queryFn: async ({ signal }): Promise<KeyNames> => {
      const names = new Map<string, string>();
      for (let cursor: string | undefined; ; ) {
        const query = { ...(project ? { project } : {}), limit: 100, cursor };
        const page = await answer(api.GET('/api/api-keys', { params: { query }, signal }));
        for (const { id, name } of page.data) names.set(id, name);
        if (page.next_cursor === null || names.size >= MOST_KEYS) return names;
        cursor = page.next_cursor;
      }
    },
    staleTime: 30_000,
  });

/** Of those alone that a list names: a hundred of them with one question, and what is deleted has no name any more. */
export const namesOfKeys = (named: readonly string[]) => {
  const ids = [...new Set(named)].sort();
  const hundreds = Array.from({ length: Math.ceil(ids.length / 100) }, (_, at) => ids.slice(at * 100, (at + 1) * 100));
  return queryOptions({
    queryKey: ['keys', 'names', 'of', ids],
    queryFn: async ({ signal }): Promise<KeyNames> => {
      const ask = (some: readonly string[]) =>
        answer(api.GET('/api/api-keys', { params: { query: { ids: some.join(','), limit: 100 } }, signal }));
      const pages = await Promise.all(hundreds.map(ask));
      return new Map(pages.flatMap(({ data }) => data.map(({ id, name }) => [id, name] as const)));
    },
    placeholderData: keepPreviousData,
    enabled: ids.length > 0,
    staleTime: 60_000,
  });
};

/** What is gone, or never was here, keeps the end of its id. */
export function nameOfKey(names: KeyNames | undefined, id: string): string {
  return names?.get(id) ?? `key …${id.slice(-6)}`;
}
