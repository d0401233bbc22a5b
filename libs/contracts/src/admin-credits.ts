import { z } from 'zod';
import { creditBalance, creditEntry, newCredit } from './credits.js';
import { amount, writtenMoney } from './fields.js';

/** The bodies of `/api/credits`. */
export const NewCredit = newCredit.extend({ amount: writtenMoney.pipe(amount) }).meta({ id: 'NewCredit' });

export const AddedCredit = z.object({ entry: creditEntry, balance: creditBalance }).meta({ id: 'AddedCredit' });

export const CreditPage = z
  .object({
    balances: z.array(creditBalance).describe('One for each currency it pays in advance in; none: it does not.'),
    data: z.array(creditEntry),
    has_more: z.boolean(),
    next_cursor: z.string().nullable(),
  })
  .meta({ id: 'CreditPage' });
