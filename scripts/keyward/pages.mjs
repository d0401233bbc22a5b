import { Failure } from './failure.mjs';

export const PAGING = {
  limit: { type: 'string', value: 'n', help: 'so many at most, 1 to 100' },
  cursor: { type: 'string', value: 'cursor', help: 'go on where a page ended' },
  all: { type: 'boolean', help: 'every page' },
};

/** One page, or all of them as one. */
export async function everyPage(api, path, query, { limit, cursor, all }) {
  if (all && cursor !== undefined) throw new Failure('usage', '--all and --cursor exclude each other');
  const page = await api.call('GET', path, { query: { ...query, limit: limit ?? (all ? '100' : undefined), cursor } });
  if (!all) return page;
  const data = [...page.data];
  for (let next = page.next_cursor; next; ) {
    const more = await api.call('GET', path, { query: { ...query, limit: limit ?? '100', cursor: next } });
    data.push(...more.data);
    next = more.next_cursor;
  }
  return { data, has_more: false, next_cursor: null };
}
