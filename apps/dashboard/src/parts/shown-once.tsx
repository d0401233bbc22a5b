import { Alert, Button, Code, CopyButton, Group, Stack } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';

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
  return (
    <Stack>
      <Alert color="yellow" variant="light" icon={<IconAlertTriangle size={18} />}>
        {note}
      </Alert>
      <Code block className="mono" style={{ overflowWrap: 'anywhere', whiteSpace: 'pre-wrap' }}>
        {value}
      </Code>
      <Group justify="flex-end">
        <CopyButton value={value}>
          {({ copied, copy }) => (
            <Button data-autofocus variant={copied ? 'default' : 'filled'} onClick={copy}>
              {copied ? 'Copied' : label}
            </Button>
          )}
        </CopyButton>
        <Button variant="default" onClick={close}>
          Done
        </Button>
      </Group>
    </Stack>
  );
}
