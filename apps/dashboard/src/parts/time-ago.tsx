import { Text, Tooltip } from '@mantine/core';
import { dateTime, relative } from './moments.js';
import { useNow } from './use-now.js';

interface TimeAgoProps {
  readonly at: string | null;
  readonly never?: string;
}

/** How long ago, or in how long; the exact moment for whoever points at it. */
export function TimeAgo({ at, never = 'Never' }: TimeAgoProps) {
  const now = useNow();
  if (at === null)
    return (
      <Text span inherit c="dimmed">
        {never}
      </Text>
    );
  return (
    <Tooltip label={dateTime(at)}>
      <time dateTime={at} style={{ whiteSpace: 'nowrap' }}>
        {relative(at, now)}
      </time>
    </Tooltip>
  );
}
