export const DURATION_UNITS = ['minutes', 'hours', 'days'] as const;

/** A length of time the way people say it: `{ value: 7, unit: 'days' }`. */
export interface Duration {
  readonly value: number;
  readonly unit: (typeof DURATION_UNITS)[number];
}

const SECONDS = { minutes: 60, hours: 3600, days: 86_400 } as const;

export function durationSeconds({ value, unit }: Duration): number {
  return value * SECONDS[unit];
}
