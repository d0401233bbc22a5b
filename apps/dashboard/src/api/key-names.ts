import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { answer, api } from './client.js';

export type KeyNames = ReadonlyMap<string, string>;

/** What keys are called, of those alone that a list names: a hundred of them with one question. What is deleted has no name. */
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
