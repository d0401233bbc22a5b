import { Box, Group, Text } from '@mantine/core';
import type { Project } from '../../api/projects.js';
import { Meter } from '../../parts/meter.js';

/** How many of its plan's keys the project uses. */
export function Allowance({ project: { keys, plan } }: { readonly project: Project }) {
  if (keys.allowed === null)
    return (
      <Text size="sm" c="dimmed" className="number">
        {keys.used === 1 ? '1 key' : `${keys.used} keys`} · the plan “{plan}” has no cap
      </Text>
    );
  const text = `${keys.used} of ${keys.allowed} keys used`;
  return (
    <Group gap="sm">
      <Box w={90}>
        <Meter label="Keys of the plan" share={keys.used / Math.max(1, keys.allowed)} text={text} />
      </Box>
      <Text size="sm" c="dimmed" className="number">
        {text} · plan “{plan}”
      </Text>
    </Group>
  );
}
