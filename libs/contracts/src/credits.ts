import { z } from 'zod';
import { amount, id, moment, text } from './fields.js';
import { rpc } from './rpc.js';

/** What an organization has paid in advance, by currency: entries on one side, what its requests cost on the other. */
const currency = z
  .string()
  .regex(/^[A-Z]{3}$/, 'must be a currency of three capital letters')
  .meta({ examples: ['USD'] });

const CREDIT_KINDS = ['top_up', 'adjustment'] as const;

export const creditEntry = z
  .object({
    id: id('credit'),
    currency,
    kind: z.enum(CREDIT_KINDS),
    amount: amount.describe('What was added; of an adjustment it may be negative.'),
    note: z.string().nullable(),
    created_at: moment,
    created_by: z.string(),
  })
  .meta({ id: 'CreditEntry' });

export const creditBalance = z
  .object({
    currency,
    paid_in: amount.describe('The sum of all entries.'),
    spent: amount.describe('What requests have cost since the first of them.'),
    balance: amount.describe('paid_in − spent. Below zero where something cost more than was foreseen.'),
    reserved: amount.describe('Of the balance: set aside for requests that are under way or about to come.'),
    as_of: moment,
  })
  .meta({ id: 'CreditBalance' });

const tenant = { organization_id: id('organization') };

export const newCredit = z.strictObject({
  currency,
  kind: z.enum(CREDIT_KINDS).default('top_up'),
  amount: amount.describe('A top-up is more than zero; an adjustment may take something away.'),
  note: text(500).nullable().default(null),
});

export const CreditsRpc = {
  addCredit: rpc({
    subject: 'keyward.usage.add_credit',
    summary: 'A top-up, or an adjustment. From the first one on the organization pays in advance in that currency.',
    request: newCredit.extend(tenant),
    reply: z.object({ entry: creditEntry, balance: creditBalance }),
  }),
  getCredits: rpc({
    subject: 'keyward.usage.credits',
    summary: 'The balances of an organization, and the entries they are made of, newest first.',
    request: z.strictObject({
      ...tenant,
      limit: z.int().min(1).max(100).default(50),
      cursor: z.string().max(400).optional(),
    }),
    reply: z.object({
      balances: z.array(creditBalance),
      entries: z.array(creditEntry),
      next_cursor: z.string().nullable(),
    }),
  }),
};

export type CreditEntry = z.output<typeof creditEntry>;
export type CreditBalance = z.output<typeof creditBalance>;
