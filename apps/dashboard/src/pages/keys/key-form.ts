import type { Schemas } from '../../api/client.js';
import type { Ttl } from '../../api/keys.js';
import { amountOf } from '../../parts/amount.js';

/** The fields of the sheets as people fill them in: an empty one is one that is not set. */
export interface LimitFields {
  budget: string;
  recurring: boolean;
  amount: string;
  every: number | string;
  unit: 'hour' | 'day' | 'week' | 'month';
  /** Set elsewhere, and kept. */
  align?: 'calendar';
  rate_limit: number | string;
  token_limit: number | string;
  max_parallel: number | string;
}

export const NO_LIMITS: LimitFields = {
  budget: '',
  recurring: false,
  amount: '',
  every: 1,
  unit: 'day',
  rate_limit: '',
  token_limit: '',
  max_parallel: '',
};

type Limits = Pick<Schemas['NewKey'], 'budget' | 'recurring_limit' | 'rate_limit' | 'token_limit' | 'max_parallel'>;

export function limitsOf(fields: LimitFields): Required<Limits> {
  return {
    budget: amountOf(fields.budget),
    recurring_limit: fields.recurring
      ? {
          amount: amountOf(fields.amount) ?? '',
          every: Number(fields.every),
          unit: fields.unit,
          ...(fields.align ? { align: fields.align } : {}),
        }
      : null,
    rate_limit: whole(fields.rate_limit),
    token_limit: whole(fields.token_limit),
    max_parallel: whole(fields.max_parallel),
  };
}

function whole(value: number | string): number | null {
  return value === '' ? null : Number(value);
}

/** `team: search` and `urgent` as the tags they mean. */
export function tagsOf(written: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    written.map((text) => {
      const [name = '', ...value] = text.split(':');
      return [name.trim(), value.join(':').trim()];
    }),
  );
}

export function writtenTags(tags: Record<string, string>): string[] {
  return Object.entries(tags).map(([name, value]) => (value === '' ? name : `${name}: ${value}`));
}

const MINUTES = { minutes: 1, hours: 60, days: 1440 } as const;

/** How long something lasts, as it is filled in: an empty field stays empty. */
export type TtlFields = Omit<Ttl, 'value'> & { value: number | string };

/** An empty field is no number, and refused as such. */
export function ttlOf({ value, unit }: TtlFields): Ttl {
  return { value: value === '' ? Number.NaN : Number(value), unit };
}

/** When something ends that begins now; null where the field makes no sense, or no calendar goes so far. */
export function endOf(fields: TtlFields, now: number): number | null {
  const { value, unit } = ttlOf(fields);
  if (!Number.isInteger(value) || value < 1) return null;
  const end = now + value * MINUTES[unit] * 60_000;
  return Number.isNaN(new Date(end).getTime()) ? null : end;
}
