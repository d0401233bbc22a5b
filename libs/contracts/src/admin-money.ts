import { z } from 'zod';
import { isWindowLength } from '#domain/budget/window';
import { writtenMoney } from './fields.js';
import { limits, WINDOW_BOUNDS, windowFields } from './key.js';

const money = writtenMoney.pipe(limits.budget.unwrap());

const recurringLimit = z
  .strictObject({ amount: money, ...windowFields })
  .refine(({ every, unit }) => isWindowLength(every, unit), WINDOW_BOUNDS)
  .meta({ id: 'NewRecurringLimit' });

/** As a key and a project take them. */
export const spendLimits = {
  budget: money.nullable().optional().describe('All-time spend limit; null: none.'),
  recurring_limit: recurringLimit.nullable().optional().describe('Spend limit of each window; null: none.'),
};
