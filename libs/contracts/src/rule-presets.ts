import { z } from 'zod';
import { type NewRule, newRule } from './rules.js';

const every = { status: 'active', condition: null } as const;

interface Preset {
  readonly id: string;
  readonly summary: string;
  /** What has to be filled in before it means anything: the field of the first rule that is still empty. */
  readonly fill: string | null;
  readonly rules: readonly NewRule[];
}

/** What most teams want, as the rules it comes to: put as they are, or filled in first. */
export const RULE_PRESETS: readonly Preset[] = [
  {
    id: 'free_models_only',
    summary: 'Only models that cost nothing.',
    fill: null,
    rules: [
      { type: 'allow_pricing', pricing: { tier: 'free', max_input_price: null, max_output_price: null }, ...every },
    ],
  },
  {
    id: 'standard_tier',
    summary: 'Nothing dear: at most $1 for a million tokens in, and $5 for a million out.',
    fill: null,
    rules: [
      { type: 'allow_pricing', pricing: { tier: 'any', max_input_price: '1.00', max_output_price: '5.00' }, ...every },
    ],
  },
  {
    id: 'paid_models_only',
    summary: 'The premium tier: nothing that is free.',
    fill: null,
    rules: [
      { type: 'deny_pricing', pricing: { tier: 'free', max_input_price: null, max_output_price: null }, ...every },
    ],
  },
  {
    id: 'approved_providers_only',
    summary: 'Only providers you name.',
    fill: 'providers',
    rules: [{ type: 'allow_providers', providers: [], ...every }],
  },
];

export const RulePresets = z
  .object({
    data: z.array(
      z.object({
        id: z.string(),
        summary: z.string(),
        fill: z.string().nullable().describe('The field of its first rule that has to be filled in.'),
        rules: z.array(newRule),
      }),
    ),
  })
  .meta({ id: 'RulePresets' });
