import { Button, Group, Text } from '@mantine/core';
import type { ReactNode } from 'react';

interface SectionHeadProps {
  /** What this section is about, in a sentence or two. */
  readonly note: string;
  /** What can be done here; left out where one’s role does not allow it. */
  readonly action?: { readonly label: string; readonly icon: ReactNode; readonly run: () => void } | false;
}

export function SectionHead({ note, action }: SectionHeadProps) {
  return (
    <Group justify="space-between" align="flex-start" gap="sm">
      <Text size="sm" c="dimmed" maw={640} flex="1 1 260px">
        {note}
      </Text>
      {action && (
        <Button leftSection={action.icon} onClick={action.run}>
          {action.label}
        </Button>
      )}
    </Group>
  );
}
