import { Table } from '@mantine/core';
import { type ReactNode, useEffect, useReducer, useRef } from 'react';

interface VirtualRowsProps<Row> {
  readonly of: readonly Row[];
  readonly columns: number;
  readonly keyOf: (row: Row) => string | number;
  /** Told of the rows in sight and some around them, whenever these change. */
  readonly sees?: (rows: readonly Row[]) => void;
  /** The cells of a row. They stay on one line: all rows are of one height. */
  readonly children: (row: Row) => ReactNode;
}

/** As few as nobody needs help with: all of them are drawn. */
const FEW = 100;
const ROW_PIXELS = 41;
/** Beyond the window, so that nothing is blank while it scrolls. */
const SPARE_ROWS = 8;

/** The rows in sight, and room for the others: ten thousand of them scroll like ten. */
export function VirtualRows<Row>({ of: rows, columns, keyOf, sees, children }: VirtualRowsProps<Row>) {
  const body = useRef<HTMLTableSectionElement>(null);
  const [, draw] = useReducer((drawn: number) => drawn + 1, 0);
  const isMany = rows.length > FEW;
  useEffect(() => {
    if (!isMany) return;
    draw();
    // Whatever it is that scrolls: the window, or a frame around the table.
    const options = { capture: true, passive: true };
    document.addEventListener('scroll', draw, options);
    window.addEventListener('resize', draw);
    return () => {
      document.removeEventListener('scroll', draw, options);
      window.removeEventListener('resize', draw);
    };
  }, [isMany]);

  const [from, to] = isMany ? inSight(body.current, rows.length) : [0, rows.length];
  const [first, last] = [Math.floor(from / FEW) * FEW, Math.ceil(to / FEW) * FEW];
  useEffect(() => sees?.(rows.slice(first, last)), [sees, rows, first, last]);
  return (
    <Table.Tbody ref={body}>
      <Room pixels={from * ROW_PIXELS} columns={columns} />
      {rows.slice(from, to).map((row, index) => (
        <Table.Tr
          key={keyOf(row)}
          // The heading is the first row.
          aria-rowindex={isMany ? from + index + 2 : undefined}
          style={isMany ? { height: ROW_PIXELS, whiteSpace: 'nowrap' } : undefined}
        >
          {children(row)}
        </Table.Tr>
      ))}
      <Room pixels={(rows.length - to) * ROW_PIXELS} columns={columns} />
    </Table.Tbody>
  );
}

function Room({ pixels, columns }: { readonly pixels: number; readonly columns: number }) {
  if (pixels <= 0) return null;
  return (
    <tr>
      <td colSpan={columns} style={{ height: pixels, padding: 0 }} />
    </tr>
  );
}

function inSight(body: HTMLElement | null, count: number): [from: number, to: number] {
  if (!body) return [0, SPARE_ROWS];
  const { top } = body.getBoundingClientRect();
  const first = Math.floor(-top / ROW_PIXELS) - SPARE_ROWS;
  const last = Math.ceil((window.innerHeight - top) / ROW_PIXELS) + SPARE_ROWS;
  const from = Math.min(Math.max(0, first), count);
  return [from, Math.max(from, Math.min(count, last))];
}
