import { z } from 'zod';
import { imaginedCall } from './explain.js';
import { revision } from './fields.js';
import { imaginedRules } from './impact.js';
import { observedRule } from './observed.js';
import { newRules, rule, ruleSet } from './rules.js';

/** The bodies of `…/iam-rules`. */
export const NewRules = z.strictObject({ rules: newRules }).meta({ id: 'NewRules' });

export const RuleSetView = ruleSet
  .extend({
    observed: z
      .array(observedRule)
      .nullable()
      .describe('Of the rules that only observe; null while the usage service is away.'),
  })
  .meta({ id: 'RuleSetView' });

export const AddedRule = z
  .object({ rule, revision: revision.describe('Of the set it is in.') })
  .meta({ id: 'AddedRule' });

export const ImaginedCall = z.strictObject(imaginedCall).meta({ id: 'ImaginedCall' });

export const ImaginedRules = z.strictObject(imaginedRules).meta({ id: 'ImaginedRules' });

export type ImaginedRules = z.output<typeof ImaginedRules>;
export type ImaginedCall = z.output<typeof ImaginedCall>;
export type RuleSetView = z.output<typeof RuleSetView>;
export type NewRules = z.output<typeof NewRules>;
