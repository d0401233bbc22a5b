import { z } from 'zod';
import { LEVELS, SUBJECTS } from '#domain/policy/rule';

/** What is asked of a request, in this order. The first that fails decides, and what comes after it was not reached. */
export const TRACE_STEPS = [
  'credential',
  'enabled',
  'expiry',
  'scope',
  'model',
  'rules',
  'price',
  'rpm',
  'tpm',
  'concurrency',
  'budget',
  'period',
  'credits',
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
  })
  .meta({ id: 'DecisionTrace' });

export type DecisionTrace = z.output<typeof decisionTrace>;
export type TraceStep = z.output<typeof traceStep>;
