import { Alert, Button, Code, Group, Stack } from '@mantine/core';
import { useRef } from 'react';
import { CopyRefused } from './copy-refused.js';
import { IconAlertTriangle } from './icons.js';
import { useCopy } from './use-copy.js';

interface ShownOnceProps {
  /** What it is for. */
  readonly note: string;
  readonly value: string;
  /** What is copied: “Copy link”. */
  readonly label: string;
  readonly close: () => void;
}

/** Something nobody can show again, and the button to take it along. */
export function ShownOnce({ note, value, label, close }: ShownOnceProps) {
  const shown = useRef<HTMLPreElement>(null);
  const { isFresh, isRefused, copy } = useCopy(value, shown);
  return (
    <Stack>
      <Alert color="yellow" variant="light" icon={<IconAlertTriangle size={18} />}>
        {note}
      </Alert>
      <Code ref={shown} block className="mono" style={{ overflowWrap: 'anywhere', whiteSpace: 'pre-wrap' }}>
        {value}
      </Code>
      {isRefused && <CopyRefused />}
      <Group justify="flex-end">
        <Button data-autofocus variant={isFresh ? 'default' : 'filled'} onClick={() => void copy()}>
          {isFresh ? 'Copied' : label}
        </Button>
        <Button variant="default" onClick={close}>
          Done
        </Button>
      </Group>
    </Stack>
  );
}
