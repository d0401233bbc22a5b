import { z } from 'zod';

/** What GitHub's secret scanning sends its partners. Not strict: it is GitHub's format, and GitHub may add to it. */
export const LeakAlerts = z
  .array(
    z.object({
      token: z.string().min(1).max(1024),
      type: z.string().max(128),
      url: z.string().max(4096).nullish().describe('Where it was found.'),
      source: z.string().max(256).nullish().describe('In what: content, commit, issue …'),
    }),
  )
  .min(1)
  .max(500)
  .meta({ id: 'LeakAlerts' });

/** What is answered: whether each was a key of ours. By its hash, so that no secret ever comes back. */
export const LeakVerdicts = z
  .array(
    z.object({
      token_hash: z.string().describe('SHA-256 of the token, in hexadecimal.'),
      token_type: z.string(),
      label: z.enum(['true_positive', 'false_positive']),
    }),
  )
  .meta({ id: 'LeakVerdicts' });

export const SecretPatterns = z
  .object({ data: z.array(z.object({ type: z.string(), profile: z.string(), pattern: z.string() })) })
  .meta({ id: 'SecretPatterns' });
