/** Names come from others: what would move the cursor or colour the terminal is shown as what it is. */
const UNPRINTABLE = /\p{Cc}|\p{Cf}/gu;

/** @param {unknown[][]} rows */
export function table(rows) {
  const cells = rows.map((row) => row.map(cell));
  const widths = (cells[0] ?? []).map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  return cells
    .map(
      (row) =>
        `${row
          .map((text, column) => text.padEnd(widths[column] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}

function cell(value) {
  if (value === null || value === undefined || value === '') return '–';
  if (Array.isArray(value)) return value.length ? value.map(cell).join(', ') : '–';
  if (typeof value === 'object')
    return (
      Object.entries(value)
        .map(([name, text]) => `${cell(name)}=${cell(text)}`)
        .join(', ') || '–'
    );
  return String(value).replace(UNPRINTABLE, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
