import { Alert, Stack, Text } from '@mantine/core';
import { IconUsers } from '@tabler/icons-react';
import type { Key } from '../../api/keys.js';
import { Changes } from '../../parts/changes.js';

interface TheirChangeProps {
  readonly seen: Key;
  readonly theirs: Key | null;
}

const FIELDS = [
  'name',
  'tags',
  'scopes',
  'status',
  'budget',
  'recurring_limit',
  'rate_limit',
  'token_limit',
  'max_parallel',
  'expires_at',
] as const;

/** Somebody else changed the key in the meantime: what, before one writes over it. */
export function TheirChange({ seen, theirs }: TheirChangeProps) {
  if (!theirs) return null;
  const pick = (key: Key) => Object.fromEntries(FIELDS.map((field) => [field, key[field]]));
  return (
    <Alert
      role="alert"
      color="yellow"
      variant="light"
      icon={<IconUsers size={18} />}
      title="Somebody else changed this key"
    >
      <Stack gap="xs">
        <Text size="sm">Since you opened it, this has changed. Save again to put your values on top of it.</Text>
        <Changes before={pick(seen)} after={pick(theirs)} />
      </Stack>
    </Alert>
  );
}
