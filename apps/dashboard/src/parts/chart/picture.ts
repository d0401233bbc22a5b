/** What a chart shows: of each series, one number for every moment. */
export interface Picture {
  readonly series: readonly Series[];
  readonly points: readonly Point[];
}

interface Series {
  /** What the points carry it as. A model’s own name may have dots, which would be read as a path. */
  readonly name: string;
  readonly label: string;
}

type Point = { readonly at: number } & Readonly<Record<string, number>>;

/** How a moment and a value are written. */
export interface Writing {
  moment(at: number): string;
  value(value: number): string;
  /** There are no halves of it. */
  readonly isCount?: boolean;
}

export function totalOf({ points }: Picture, name: string): number {
  return points.reduce((sum, point) => sum + (point[name] ?? 0), 0);
}
