import { Group, Text } from '@mantine/core';
import mark from '../favicon.svg';

export function Brand({ size = 24 }: { readonly size?: number }) {
  return (
    <Group gap={9} wrap="nowrap">
      <img src={mark} width={size} height={size} alt="" />
      <Text fw={650} fz={size * 0.68} lts="-0.01em" lh={1}>
        Keyward
      </Text>
    </Group>
  );
}
