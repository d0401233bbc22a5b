import { Alert, Stack, Text } from '@mantine/core';
import { Changes } from './changes.js';
import { IconUsers } from './icons.js';

type Facts = Readonly<Record<string, unknown>>;

interface TheirChangeProps {
  /** “this key”. */
  readonly what: string;
  readonly seen: Facts;
  /** Null where nobody else was here. */
  readonly theirs: Facts | null;
}

/** Somebody else changed it in the meantime: what, before one writes over it. */
export function TheirChange({ what, seen, theirs }: TheirChangeProps) {
  if (!theirs) return null;
  return (
    <Alert
      role="alert"
      color="yellow"
      variant="light"
      icon={<IconUsers size={18} />}
      title={`Somebody else changed ${what}`}
    >
      <Stack gap="xs">
        <Text size="sm">Since you opened it, this has changed. Save again to put your values on top of it.</Text>
        <Changes before={seen} after={theirs} />
      </Stack>
    </Alert>
  );
}
