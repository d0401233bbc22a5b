import { Text } from '@mantine/core';

/** What is shown of a secret once it is gone: its beginning and its last four letters. */
export function MaskedKey({ preview }: { readonly preview: string }) {
  return (
    <Text span className="mono" size="xs" style={{ whiteSpace: 'nowrap' }}>
      {preview}
    </Text>
  );
}
