import { z } from 'zod';
import { LEASE, POSTGRES } from '#runtime/settings';

export const USAGE_SETTINGS = {
  ...POSTGRES,
  ...LEASE,
  KEYWARD_REQUEST_LOG_DAYS: z.coerce
    .number()
    .int()
    .min(7)
    .max(3650)
    .default(400)
    .describe('How long the request log and the ledger’s rows are kept; what they come to is kept for ever.'),
};
