import { Group, Stack, Text, Title } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import type { ReactNode } from 'react';
import styles from './page.module.css';

interface PageProps {
  readonly title: string;
  /** What this is, or how it stands, in one line. */
  readonly note?: ReactNode;
  readonly action?: ReactNode;
  readonly children: ReactNode;
}

export function Page({ title, note, action, children }: PageProps) {
  useDocumentTitle(`${title} · Keyward`);
  return (
    <Stack gap="md" className={styles.page}>
      <Group justify="space-between" align="flex-start" gap="md">
        <Stack gap={4}>
          <Title order={1} size="h2">
            {title}
          </Title>
          {typeof note === 'string' ? (
            <Text size="sm" c="dimmed">
              {note}
            </Text>
          ) : (
            note
          )}
        </Stack>
        {action}
      </Group>
      {children}
    </Stack>
  );
}
