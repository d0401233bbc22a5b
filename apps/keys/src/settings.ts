import { z } from 'zod';
import { LEASE, POSTGRES, REDIS, SECRET } from '#runtime/settings';

export const KEYS_SETTINGS = {
  ...POSTGRES,
  ...REDIS,
  ...LEASE,
  ...SECRET,
  KEYWARD_OWNER_EMAIL: z
    .email()
    .optional()
    .describe('The first owner’s e-mail: who may sign in to an empty installation.'),
  KEYWARD_OWNER_PASSWORD: z
    .string()
    .min(12, 'must have at least 12 characters')
    .optional()
    .describe('The first owner’s password; read when there is no organization yet, and never again.'),
  KEYWARD_OPERATORS: z
    .string()
    .transform((list) => list.split(',').map((email) => email.trim().toLowerCase()))
    .pipe(z.array(z.email('must be e-mail addresses, with commas between them')))
    .optional()
    .describe(
      'Who may change what all organizations share, above all the catalogue: e-mails, with commas between them. Where unset, owners and admins of the first organization.',
    ),
  KEYWARD_WEBHOOKS_PRIVATE: z
    .stringbool()
    .default(false)
    .describe('Whether webhooks may go to http and to addresses that are not public: for development.'),
  KEYWARD_PROFILES_DIR: z
    .string()
    .default('profiles')
    .describe('Where the profiles are: key text, plans, currency, error format.'),
};
