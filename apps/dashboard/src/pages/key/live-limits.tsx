import { useQuery } from '@tanstack/react-query';
import type { Schemas } from '../../api/client.js';
import { type Key, limitsOfKey } from '../../api/keys.js';
import { Gauge } from './gauge.js';

interface LiveLimitsProps {
  readonly of: Key;
}

/** How fast a key may go and how fast it goes, at this moment: its own limits, its project’s or its plan’s. */
export function LiveLimits({ of: { id } }: LiveLimitsProps) {
  const { data, error } = useQuery(limitsOfKey(id));
  const count = (left: Schemas['CountLeft'] | null | undefined) => ({ left, isUnknown: error !== null });
  return (
    <>
      <Rate label="Requests per minute" {...count(data?.rate_limit)} />
      <Rate label="Tokens per minute" {...count(data?.token_limit)} />
      {data?.max_parallel && <Rate label="Requests at once" {...count(data.max_parallel)} />}
    </>
  );
}

interface RateProps {
  readonly label: string;
  /** Null where nothing limits it; undefined while it is asked for. */
  readonly left: Schemas['CountLeft'] | null | undefined;
  readonly isUnknown: boolean;
}

function Rate({ label, left, isUnknown }: RateProps) {
  if (left === null)
    return <Gauge label={label} figure="No limit" note="Neither the key, its project nor the plan has one" />;
  if (left === undefined)
    return <Gauge label={label} figure="–" note={isUnknown ? 'Cannot be told right now' : 'Being read'} />;
  const { limit_value, used, reserved, remaining } = left;
  const taken = used + reserved;
  return (
    <Gauge
      label={label}
      figure={taken.toLocaleString('en')}
      note={`of ${limit_value.toLocaleString('en')}; ${remaining.toLocaleString('en')} left`}
      share={taken / limit_value}
    />
  );
}
