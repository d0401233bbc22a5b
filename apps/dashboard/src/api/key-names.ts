import { queryOptions } from '@tanstack/react-query';
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

/** What is gone, or never was here, keeps the end of its id. */
export function nameOfKey(names: KeyNames | undefined, id: string): string {
  return names?.get(id) ?? `key …${id.slice(-6)}`;
}
