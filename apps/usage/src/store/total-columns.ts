/** What is added up; errors are what went wrong on the way or at the provider, not who left. */
export const FIGURES = [
  'requests',
  'denied',
  'errors',
  'input_tokens',
  'cached_input_tokens',
  'cache_write_tokens',
  'output_tokens',
  'reasoning_tokens',
] as const;

/** What a total is told apart by. */
const GROUP = {
  organization_id: 'text',
  key_id: 'text',
  start: 'timestamptz',
  project_id: 'text',
  model: 'text',
  provider: 'text',
  own_key: 'boolean',
  currency: 'text',
};

export const COLUMNS = {
  ...GROUP,
  ...Object.fromEntries(FIGURES.map((figure) => [figure, 'bigint'])),
  cost: 'numeric',
};
export const GROUPED = Object.keys(GROUP).join(', ');
export const SUMS = [...FIGURES, 'cost_nanos'] as const;

export const ADDED = `ON CONFLICT (${GROUPED})
    DO UPDATE SET ${SUMS.map((sum) => `${sum} = t.${sum} + excluded.${sum}`).join(', ')}`;
