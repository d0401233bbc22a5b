import { z } from 'zod';
import { event } from './event.js';
import { amount, id, moment, revision } from './fields.js';

export const LimitEvents = {
  threshold: event({
    subject: 'keyward.events.limit.threshold',
    summary:
      'Four fifths, nine tenths or all of a limit are spent. Once for each, and again only after the limit was raised or a new window began.',
    payload: z.object({
      revision,
      organization_id: id('organization'),
      holder: z.string().describe('Whose limit it is: a key, a project, or an organization that pays in advance.'),
      bucket: z.string(),
      window_start: moment.nullable().describe('Of the window of a recurring limit; null: of all time, or of credits.'),
      percent: z.union([z.literal(80), z.literal(90), z.literal(100)]),
      limit: amount,
      used: amount,
      at: moment,
    }),
  }),
  windowReset: event({
    subject: 'keyward.events.limit.window_reset',
    summary:
      'A recurring limit has begun a new window: told with the first usage in it. The very first window of a limit is not told.',
    payload: z.object({
      revision,
      organization_id: id('organization'),
      holder: z.string().describe('Whose limit it is: a key or a project.'),
      bucket: z.string(),
      window_start: moment,
      limit: amount,
      at: moment,
    }),
  }),
};
