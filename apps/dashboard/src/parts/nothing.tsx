import { Center, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';

interface NothingProps {
  readonly title: string;
  readonly icon?: ReactNode;
  readonly children?: ReactNode;
}

/** Where a list is empty: why, and what one can do about it. */
export function Nothing({ title, icon, children }: NothingProps) {
  return (
    <Center py={56} px="md">
      <Stack align="center" gap="sm">
        {icon && (
          <Text c="dimmed" component="div">
            {icon}
          </Text>
        )}
        <Text fw={600}>{title}</Text>
        {children}
      </Stack>
    </Center>
  );
}
