import { Button, Group } from '@mantine/core';
import { AsOf, LagBanner } from '../../parts/as-of.js';
import { IconPlayerPause, IconPlayerPlay } from '../../parts/icons.js';

interface LiveBarProps {
  readonly live: boolean;
  readonly change: (live: boolean) => void;
  /** Whatever ended before this is in the list. */
  readonly asOf: string | undefined;
  readonly readAt: number;
}

/** A list that moves while one reads it can be held. */
export function LiveBar({ live, change, asOf, readAt }: LiveBarProps) {
  return (
    <>
      {asOf && live && <LagBanner at={asOf} readAt={readAt} />}
      <Group gap="sm">
        <Button
          variant="default"
          size="xs"
          leftSection={live ? <IconPlayerPause size={14} /> : <IconPlayerPlay size={14} />}
          onClick={() => change(!live)}
        >
          {live ? 'Pause' : 'Go on'}
        </Button>
        {asOf && <AsOf at={asOf} />}
      </Group>
    </>
  );
}
