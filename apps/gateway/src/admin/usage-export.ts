import { Readable } from 'node:stream';
import type { Group, ReportsRpc, UsageRow } from '#contracts/reports';
import type { Gets } from '#contracts/rpc';

type Page = Gets<typeof ReportsRpc.getReport>;

const FIGURES = [
  'requests',
  'denied',
  'errors',
  'input_tokens',
  'cached_input_tokens',
  'cache_write_tokens',
  'output_tokens',
  'reasoning_tokens',
  'cost',
  'own_key_cost',
  'currency',
] as const;

/** A page at a time, as fast as it is read: no export is ever in memory as a whole. */
export function exportOf(
  format: 'csv' | 'json',
  groups: readonly Group[],
  first: Page,
  next: (cursor: string) => Promise<Page>,
): Readable {
  const pages = pagesFrom(first, next);
  return Readable.from(format === 'csv' ? csvOf(pages, groups) : jsonOf(pages));
}

async function* pagesFrom(first: Page, next: (cursor: string) => Promise<Page>): AsyncGenerator<Page> {
  let page = first;
  for (;;) {
    yield page;
    if (page.next_cursor === null) return;
    page = await next(page.next_cursor);
  }
}

async function* csvOf(pages: AsyncIterable<Page>, groups: readonly Group[]): AsyncGenerator<string> {
  yield `${['start', ...groups, ...FIGURES].join(',')}\r\n`;
  for await (const { rows } of pages) {
    const lines = rows.map((row) => `${cellsOf(row, groups).join(',')}\r\n`);
    if (lines.length) yield lines.join('');
  }
}

/** The rows in an array, whole only when the last bracket is there: a broken export is no JSON. */
async function* jsonOf(pages: AsyncIterable<Page>): AsyncGenerator<string> {
  let before = '[';
  for await (const { rows } of pages)
    for (const row of rows) {
      yield `${before}\n${JSON.stringify(row)}`;
      before = ',';
    }
  yield before === '[' ? '[]\n' : '\n]\n';
}

function cellsOf(row: UsageRow, groups: readonly Group[]): string[] {
  return [
    row.start,
    ...groups.map((group) => textCell(String(row.group[group] ?? ''))),
    ...FIGURES.map((figure) => String(row[figure])),
  ];
}

/**
 * The name of a model is anybody's to choose, and a spreadsheet takes a cell that begins like this for a formula. Figures
 * are ours: a correction may well be less than nothing.
 */
function textCell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
