import type { UsageQuery } from '../../api/usage.js';
import { addressOf, oneOf, words } from '../../parts/address.js';
import { DAY, HOUR } from '../../parts/moments.js';

export const RANGES = ['1h', '24h', '7d', '30d', '90d', '1y'] as const;
const BUCKETS = ['1m', '1h', '1d'] as const;
const GROUPS = ['model', 'key', 'provider', 'project'] as const;
export type Range = (typeof RANGES)[number];
export type Bucket = (typeof BUCKETS)[number];
export type Group = (typeof GROUPS)[number];

/** Every choice is in the address: what one has found can be sent to somebody else. */
export const usageSearch = addressOf({
  range: oneOf(RANGES),
  bucket: oneOf(BUCKETS),
  by: oneOf(GROUPS),
  in: oneOf(['organization']),
  over: oneOf(['own', 'platform']),
  view: oneOf(['table']),
  currency: words(3),
  key: words(64),
  model: words(256),
  provider: words(64),
});

export type UsageSearch = ReturnType<typeof usageSearch>;

export const BUCKET_MILLISECONDS: Record<Bucket, number> = { '1m': 60_000, '1h': HOUR, '1d': DAY };
const RANGE_MILLISECONDS: Record<Range, number> = {
  '1h': HOUR,
  '24h': DAY,
  '7d': 7 * DAY,
  '30d': 30 * DAY,
  '90d': 90 * DAY,
  '1y': 365 * DAY,
};

/** How finely a stretch can be cut: the usual way first. No server adds up, and nobody reads, ten thousand bars. */
export const BUCKETS_OF: Record<Range, readonly Bucket[]> = {
  '1h': ['1m'],
  '24h': ['1h', '1m'],
  '7d': ['1h', '1d'],
  '30d': ['1d', '1h'],
  '90d': ['1d'],
  '1y': ['1d'],
};

export function bucketOf({ range = '7d', bucket }: UsageSearch): Bucket {
  const possible = BUCKETS_OF[range];
  return possible.find((each) => each === bucket) ?? possible[0] ?? '1d';
}

export interface Stretch {
  readonly start: number;
  readonly end: number;
  readonly bucket: Bucket;
}

/** Whole buckets, the one that is not over yet among them. */
export function stretchOf(search: UsageSearch, now: number): Stretch {
  const bucket = bucketOf(search);
  const size = BUCKET_MILLISECONDS[bucket];
  const end = (Math.floor(now / size) + 1) * size;
  return { start: end - RANGE_MILLISECONDS[search.range ?? '7d'], end, bucket };
}

export function queryOf(search: UsageSearch, { start, end, bucket }: Stretch, project: string | undefined): UsageQuery {
  const { by = 'model', over, key, model, provider } = search;
  const everywhere = search.in === 'organization' || by === 'project';
  return {
    start: new Date(start).toISOString(),
    end: new Date(end).toISOString(),
    bucket,
    group_by: by,
    ...(everywhere || !project ? {} : { project }),
    ...(over ? { own_key: over === 'own' ? 'true' : 'false' } : {}),
    ...(key ? { key } : {}),
    ...(model ? { model } : {}),
    ...(provider ? { provider } : {}),
  };
}
