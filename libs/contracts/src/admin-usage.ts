import { z } from 'zod';
import { id, moment, text } from './fields.js';
import { BUCKETS, type Bucket, GROUPS, loggedRequest, REPORT_ROWS, TOTALS, top, usageRow } from './reports.js';
import { OUTCOMES } from './usage.js';

/** What `/api/usage` and `/api/requests` take and give. */

const DAY_MILLISECONDS = 24 * 60 * 60 * 1000;
/** What is looked at where nobody says how far back. */
const USUAL_DAYS: Record<Bucket, number> = { '1m': 1 / 24, '1h': 1, '1d': 30 };

/** A moment in a query; a date means its beginning here: `start=2026-11-01`. */
const time = z
  .union([z.iso.datetime({ offset: true }), z.iso.date()], 'must be an ISO 8601 time or a date, YYYY-MM-DD')
  .transform((given) => new Date(given).toISOString())
  .pipe(moment);

const groups = z
  .string()
  .max(100)
  .transform((given) => [...new Set(given.split(',').filter((part) => part !== ''))])
  .pipe(z.array(z.enum(GROUPS)));

const yesOrNo = z.enum(['true', 'false']).transform((given) => given === 'true');

const asked = {
  start: time.optional().describe('An hour, a day or 30 days before `end`, as the bucket goes, where left out.'),
  end: time.optional().describe('Up to here, and not including it; now, where left out.'),
  bucket: z.enum(BUCKETS).default('1d'),
  group_by: groups.optional().describe(`Any of ${GROUPS.join(', ')}, with commas between them.`),
  project: id('project').optional(),
  key: id('key').optional(),
  model: text(256).optional(),
  provider: text(256).optional(),
  own_key: yesOrNo.optional().describe('Only what went through the projects’ own provider keys, or only what did not.'),
};

export const UsageQuery = z.strictObject({
  ...asked,
  top: z.coerce.number().pipe(top).optional(),
  totals: yesOrNo.optional().describe(TOTALS),
  limit: z.coerce.number().int().min(1).max(REPORT_ROWS).default(REPORT_ROWS),
  cursor: z.string().max(2000).optional(),
});

export const UsageExportQuery = z.strictObject({ ...asked, format: z.enum(['csv', 'json']).default('csv') });

export const UsagePage = z
  .object({
    data: z.array(usageRow),
    has_more: z.boolean(),
    next_cursor: z.string().nullable(),
    as_of: moment.describe('Whatever ended before this is counted.'),
  })
  .meta({ id: 'UsagePage' });

export const RequestQuery = z.strictObject({
  project: id('project').optional(),
  key: id('key').optional(),
  model: text(256).optional().describe('As asked for, or as served.'),
  provider: text(256).optional(),
  status: z.coerce.number().int().min(0).max(999).optional(),
  code: text(64).optional(),
  outcome: z.enum(OUTCOMES).optional(),
  since: time.optional(),
  until: time.optional(),
  limit: z.coerce.number().int().min(1).max(100).default(50),
  cursor: z.string().max(64).optional(),
});

export const RequestPage = z
  .object({
    data: z.array(loggedRequest),
    has_more: z.boolean(),
    next_cursor: z.string().nullable(),
    as_of: moment.describe('Whatever ended before this is in the log.'),
  })
  .meta({ id: 'RequestPage' });

type Asked = Omit<z.output<typeof UsageQuery>, 'limit' | 'cursor' | 'top' | 'totals'>;

/** A query of people, as the usage service is asked it. */
export function reportOf({ start, end, bucket, group_by, project, key, ...rest }: Asked, now: number) {
  const until = end ?? new Date(now).toISOString();
  const since = new Date(Date.parse(until) - USUAL_DAYS[bucket] * DAY_MILLISECONDS).toISOString();
  return { start: start ?? since, end: until, bucket, group_by, project_id: project, key_id: key, ...rest };
}

export type UsageQuery = z.output<typeof UsageQuery>;
export type UsageExportQuery = z.output<typeof UsageExportQuery>;
export type RequestQuery = z.output<typeof RequestQuery>;
