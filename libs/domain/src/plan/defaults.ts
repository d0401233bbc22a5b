/** What a project gives its keys where they have nothing of their own; null: what the plan gives. */
export interface Defaults {
  readonly rate_limit: number | null;
  readonly token_limit: number | null;
  readonly max_parallel: number | null;
}

/** The most a plan lets anybody set; null: no end. */
export interface Maxima {
  readonly maxRateLimit: number | null;
  readonly maxTokenLimit: number | null;
}

/** The lower of the two; what is not limited (null) is above everything. */
export function atMost<Value extends number | null>(value: Value, most: number | null): Value | number {
  if (value === null) return most ?? value;
  return most !== null && value > most ? most : value;
}

/** The defaults under a plan that may allow less than the one they were set under; an unset one stays unset. */
export function capped(defaults: Defaults, { maxRateLimit, maxTokenLimit }: Maxima): Defaults {
  const cap = (value: number | null, most: number | null) => (value === null ? null : atMost(value, most));
  return {
    ...defaults,
    rate_limit: cap(defaults.rate_limit, maxRateLimit),
    token_limit: cap(defaults.token_limit, maxTokenLimit),
  };
}
