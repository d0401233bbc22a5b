import { Text } from '@mantine/core';

/** Beside what is selected instead. */
export function CopyRefused() {
  return (
    <Text size="sm" c="var(--mantine-color-error)" role="alert">
      Your browser did not let us copy it: it is selected, press Ctrl+C (⌘C on a Mac).
    </Text>
  );
}
