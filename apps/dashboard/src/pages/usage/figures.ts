import { formatMoney, parseMoney } from '#domain/money';
import type { UsageRow } from '../../api/usage.js';
import type { Picture } from '../../parts/chart/picture.js';
import { BUCKET_MILLISECONDS, type Group, type Stretch } from './usage-search.js';

/** What was used, added up. Money stays whole nano-units: only a picture makes a float of it. */
export interface Figures {
  readonly cost: string;
  readonly ownKeyCost: string;
  readonly platformCost: string;
  readonly requests: number;
  readonly denied: number;
  readonly errors: number;
  readonly input: number;
  readonly cached: number;
  readonly output: number;
}

export function figuresOf(rows: readonly UsageRow[]): Figures {
  const sum = (of: (row: UsageRow) => number) => rows.reduce((all, row) => all + of(row), 0);
  const sumOfMoney = (of: (row: UsageRow) => string) =>
    rows.reduce((all, row) => all + (parseMoney(of(row)) ?? 0n), 0n);
  const cost = sumOfMoney((row) => row.cost);
  const own = sumOfMoney((row) => row.own_key_cost);
  return {
    cost: formatMoney(cost),
    ownKeyCost: formatMoney(own),
    platformCost: formatMoney(cost - own),
    requests: sum((row) => row.requests),
    denied: sum((row) => row.denied),
    errors: sum((row) => row.errors),
    input: sum((row) => row.input_tokens),
    cached: sum((row) => row.cached_input_tokens),
    output: sum((row) => row.output_tokens),
  };
}

/** What a row is about: null where it was denied before that was known. */
function groupOf(row: UsageRow, by: Group): string | null {
  return row.group[by] ?? null;
}

interface Counted {
  readonly id: string | null;
  readonly figures: Figures;
}

/** One line for each, the dearest first. */
export function linesOf(rows: readonly UsageRow[], by: Group): readonly Counted[] {
  const found = Map.groupBy(rows, (row) => groupOf(row, by));
  return [...found]
    .map(([id, of]) => ({ id, figures: figuresOf(of) }))
    .sort(
      (one, other) =>
        Number(other.figures.cost) - Number(one.figures.cost) || other.figures.requests - one.figures.requests,
    );
}

/** Every bucket there is: a spike stands beside the quiet, not beside the next spike. */
function momentsOf({ start, end, bucket }: Stretch): number[] {
  const size = BUCKET_MILLISECONDS[bucket];
  return Array.from({ length: Math.round((end - start) / size) }, (_, index) => start + index * size);
}

/** The dearest have names; what is in the others’ rows is nobody’s by itself. */
function isRest(row: UsageRow, by: Group): boolean {
  return !(by in row.group);
}

/** What was spent, one above the other: the dearest by name, all others as one. */
export function spendPicture(
  rows: readonly UsageRow[],
  stretch: Stretch,
  by: Group,
  labelOf: (id: string | null) => string,
): Picture {
  const spent = rows.filter(({ cost }) => Number(cost) > 0);
  const lines = linesOf(
    spent.filter((row) => !isRest(row, by)),
    by,
  );
  const named = new Map(lines.map(({ id }, index) => [id, `s${index}`]));
  const series = [...named].map(([id, name]) => ({ name, label: labelOf(id) }));
  if (spent.some((row) => isRest(row, by))) series.push({ name: 'rest', label: 'All others' });
  const nameOf = (row: UsageRow) => (isRest(row, by) ? 'rest' : (named.get(groupOf(row, by)) ?? 'rest'));
  return pictureOf(spent, stretch, series, (row) => [[nameOf(row), Number(row.cost)]]);
}

export function tokenPicture(rows: readonly UsageRow[], stretch: Stretch): Picture {
  const series = [
    { name: 'input', label: 'Input' },
    { name: 'cached', label: 'Input, cached' },
    { name: 'output', label: 'Output' },
  ];
  return pictureOf(rows, stretch, series, (row) => [
    ['input', row.input_tokens - row.cached_input_tokens],
    ['cached', row.cached_input_tokens],
    ['output', row.output_tokens],
  ]);
}

export function outcomePicture(rows: readonly UsageRow[], stretch: Stretch): Picture {
  const series = [
    { name: 'served', label: 'Served' },
    { name: 'errors', label: 'Provider errors' },
    { name: 'denied', label: 'Denied' },
  ];
  return pictureOf(rows, stretch, series, (row) => [
    ['served', row.requests - row.errors],
    ['errors', row.errors],
    ['denied', row.denied],
  ]);
}

/** In percent: errors of what was forwarded, denials of everything that was asked. */
export function ratePicture(rows: readonly UsageRow[], stretch: Stretch): Picture {
  const { points } = outcomePicture(rows, stretch);
  const series = [
    { name: 'errors', label: 'Error rate' },
    { name: 'denied', label: 'Denial rate' },
  ];
  const rated = points.map(({ at, served = 0, errors = 0, denied = 0 }) => ({
    at,
    errors: percentOf(errors, served + errors),
    denied: percentOf(denied, served + errors + denied),
  }));
  return { series, points: rated };
}

export function percentOf(part: number, whole: number): number {
  return whole === 0 ? 0 : Math.round((part / whole) * 1000) / 10;
}

function pictureOf(
  rows: readonly UsageRow[],
  stretch: Stretch,
  series: Picture['series'],
  parts: (row: UsageRow) => readonly (readonly [name: string, value: number])[],
): Picture {
  const zeros = Object.fromEntries(series.map(({ name }) => [name, 0]));
  const points = new Map<number, Record<string, number>>(momentsOf(stretch).map((at) => [at, { ...zeros }]));
  for (const row of rows) {
    const point = points.get(Date.parse(row.start));
    if (!point) continue;
    for (const [name, value] of parts(row)) if (name in point) point[name] = (point[name] ?? 0) + value;
  }
  return { series, points: [...points].map(([at, values]) => ({ at, ...values })) };
}
