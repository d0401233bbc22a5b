import { ActionIcon, Tooltip } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useEffect } from 'react';
import { IconCheck, IconCopy } from './icons.js';
import { useCopy } from './use-copy.js';

export function Copy({ value, label }: { readonly value: string; readonly label: string }) {
  const { isFresh, isRefused, copy } = useCopy(value);
  useEffect(() => {
    if (isRefused) notifications.show({ message: `Your browser did not let us copy it. It is ${value}`, color: 'red' });
  }, [isRefused, value]);
  return (
    <Tooltip label={isFresh ? 'Copied' : label}>
      <ActionIcon variant="subtle" color="gray" size="sm" aria-label={label} onClick={() => void copy()}>
        {isFresh ? <IconCheck size={15} /> : <IconCopy size={15} />}
      </ActionIcon>
    </Tooltip>
  );
}
