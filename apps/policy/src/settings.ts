import { z } from 'zod';
import { POSTGRES, SECRET } from '#runtime/settings';

export const POLICY_SETTINGS = {
  ...POSTGRES,
  ...SECRET,
  KEYWARD_CATALOGUE_FILE: z.string().optional().describe('A YAML file of providers and models with their prices.'),
  KEYWARD_ECHO_URL: z
    .url()
    .optional()
    .describe(
      'Development only: where the built-in provider `echo` listens. In production it stays unset, and there is no echo.',
    ),
};
