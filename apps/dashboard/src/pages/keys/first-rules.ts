import type { NewRule } from '../../api/rules.js';

/** What a new key may use. */
export type Access = 'all' | 'these' | 'free';

export const ACCESS_LABELS: Record<Access, string> = {
  all: 'Every model of the project',
  these: 'Only these models',
  free: 'Only models that are free',
};

const every = { status: 'active', condition: null } as const;

/** The choice, as the rules it comes to. */
export function rulesFor(access: Access, models: readonly string[]): NewRule[] {
  switch (access) {
    case 'all':
      return [];
    case 'these':
      return [{ type: 'allow_models', models: [...models], ...every }];
    case 'free':
      return [
        { type: 'allow_pricing', pricing: { tier: 'free', max_input_price: null, max_output_price: null }, ...every },
      ];
  }
}
