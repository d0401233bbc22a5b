import { Alert, Text } from '@mantine/core';
import { IconClockExclamation } from './icons.js';
import { dateTime, lengthOf } from './moments.js';

interface AsOfProps {
  /** Everything that ended before this is in what is shown. */
  readonly at: string;
  /** When it was read, in milliseconds. */
  readonly readAt: number;
}

/** Counting is usually a second behind; from here on one should know. */
const LAG_MILLISECONDS = 60_000;

const CLOCK = new Intl.DateTimeFormat('en', { timeStyle: 'medium' });

export function AsOf({ at }: Pick<AsOfProps, 'at'>) {
  return (
    <Text size="sm" c="dimmed">
      Data as of <time dateTime={at}>{CLOCK.format(Date.parse(at))}</time>
    </Text>
  );
}

export function LagBanner({ at, readAt }: AsOfProps) {
  const lag = readAt - Date.parse(at);
  if (lag < LAG_MILLISECONDS) return null;
  return (
    <Alert
      role="status"
      color="yellow"
      variant="light"
      icon={<IconClockExclamation size={18} />}
      title="Counting lags behind"
    >
      What was used after {dateTime(at)} is not in here yet: {lengthOf(lag)}. Limits are kept all the same.
    </Alert>
  );
}
