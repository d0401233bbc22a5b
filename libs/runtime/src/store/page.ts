import type { ObjectLiteral, SelectQueryBuilder } from 'typeorm';
import { readCursor, writeCursor } from './cursor.js';

interface Asked {
  readonly limit: number;
  readonly cursor?: string;
}

interface Page<Row> {
  readonly rows: Row[];
  readonly next_cursor: string | null;
}

/** A page in the order of birth, which ids carry. One more row than asked for tells whether there is a next page. */
export async function readPage<Row extends ObjectLiteral & { id: string }>(
  query: SelectQueryBuilder<Row>,
  { limit, cursor }: Asked,
  order: 'ASC' | 'DESC',
): Promise<Page<Row>> {
  const column = `${query.alias}.id`;
  const after = readCursor(cursor);
  if (after) query.andWhere(`${column} ${order === 'ASC' ? '>' : '<'} :after`, { after: after.id });
  const found = await query
    .orderBy(column, order)
    .limit(limit + 1)
    .getMany();
  const rows = found.slice(0, limit);
  const last = found.length > limit ? rows.at(-1) : undefined;
  return { rows, next_cursor: last ? writeCursor({ value: last.id, id: last.id }) : null };
}
