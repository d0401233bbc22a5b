import { z } from 'zod';
import { LEVELS, SUBJECTS } from '#domain/policy/rule';

/**
 * What is asked of a request. What the key is, its rules and its price are asked one after the other: the first that fails
 * decides, and what comes after it was not reached. The limits are asked all at once, so several may fail, of which `code` is
 * what the caller is told; the provider is only asked of what has room.
 */
export const TRACE_STEPS = [
  'credential',
  'enabled',
  'expiry',
  'scope',
  'model',
  'rules',
  'price',
  'budget',
  'period',
  'credits',
  'rpm',
  'tpm',
  'concurrency',
  'provider',
] as const;

export const traceStep = z.object({
  step: z.enum(TRACE_STEPS),
  result: z.enum(['pass', 'fail', 'not_reached']),
  /** The values that were compared. */
  detail: z.record(z.string(), z.unknown()),
});

/** The rule that decided, and whose it is. */
export const decidingRule = z.object({ id: z.string(), level: z.enum(LEVELS), about: z.enum(SUBJECTS) });

/** Why a request went through or did not: the same of what happened, and of what would. */
export const decisionTrace = z
  .object({
    decision: z.enum(['allow', 'deny']),
    code: z.string().nullable().describe('Null where it is allowed.'),
    steps: z.array(traceStep),
    rule: decidingRule.nullable().describe('The rule that decided, where one did.'),
    observed: z.array(z.string()).describe('Rules that would have refused it, were they active.'),
    call: z
      .object({ est_tokens: z.number(), max_tokens: z.number().nullable() })
      .optional()
      .describe('How large the call was, where there was one: what to ask again with.'),
  })
  .meta({ id: 'DecisionTrace' });

export type DecisionTrace = z.output<typeof decisionTrace>;
export type TraceStep = z.output<typeof traceStep>;
