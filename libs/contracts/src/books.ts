import { z } from 'zod';
import { amount, id, moment } from './fields.js';
import { rpc } from './rpc.js';

const drift = z
  .object({
    what: z
      .enum(['settled', 'granted', 'credits', 'total'])
      .describe('What a bucket has settled, or granted; what was paid in; what a key comes to.'),
    id: z.string().describe('Of the bucket, or of the key.'),
    expected: amount,
    found: amount,
  })
  .meta({ id: 'Drift' });

export const checkedBooks = z
  .object({
    checked_at: moment,
    buckets: z.int().min(0),
    drifts: z.array(drift).describe('The first hundred.'),
    count: z.int().min(0).describe('Of all drifts there are.'),
    repaired: z.boolean(),
  })
  .meta({ id: 'CheckedBooks' });

/** What the bank says of itself: do its sums agree with the ledger, which is the truth? */
export const BooksRpc = {
  checkBooks: rpc({
    subject: 'keyward.usage.check_books',
    summary:
      'Whether buckets, slices, credits and totals say what the ledger says; repairs them where asked to. For operators.',
    request: z.strictObject({
      organization_id: id('organization').describe('Of whoever asks. The books are those of all.'),
      repair: z.boolean().default(false).describe('Takes what is wrong from the ledger. Grants wait meanwhile.'),
    }),
    reply: checkedBooks,
  }),
};

export type CheckedBooks = z.output<typeof checkedBooks>;
export type Drift = CheckedBooks['drifts'][number];
