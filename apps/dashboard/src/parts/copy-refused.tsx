import { Text } from '@mantine/core';

/** Beside what is selected instead. */
export function CopyRefused() {
  return (
    <Text size="sm" c="red.9" role="alert">
      Your browser did not let us copy it: it is selected, press Ctrl+C (⌘C on a Mac).
    </Text>
  );
}
