import { Button, Group, Modal, Stack, Table, Text } from '@mantine/core';
import type { Schemas } from '../../api/client.js';
import type { Batch } from '../../api/keys.js';
import { IconCheck, IconX } from '../../parts/icons.js';

export interface BatchOutcome {
  readonly action: Batch['action'];
  readonly items: readonly (Schemas['KeyBatchResult']['data'][number] & { name: string })[];
}

const DONE: Record<Batch['action'], string> = {
  enable: 'enabled',
  disable: 'disabled',
  expire: 'expired',
  tag: 'tagged',
  delete: 'deleted',
};

/** What became of each of them. Those that failed stand first: they are why one reads this. */
export function BatchResult({
  outcome: { action, items },
  close,
}: {
  readonly outcome: BatchOutcome;
  readonly close: () => void;
}) {
  const sorted = [...items].sort((one, other) => Number(one.ok) - Number(other.ok));
  const good = items.filter(({ ok }) => ok).length;
  return (
    <Modal opened onClose={close} size="lg" title={`${good} of ${items.length} ${DONE[action]}`}>
      <Stack>
        <Table fz="sm" verticalSpacing={6}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Key</Table.Th>
              <Table.Th>Result</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {sorted.map(({ id, name, ok, error }) => (
              <Table.Tr key={id}>
                <Table.Td>{name}</Table.Td>
                <Table.Td>
                  <Group gap={6} wrap="nowrap" align="flex-start">
                    {ok ? <IconCheck size={16} /> : <IconX size={16} />}
                    <Text size="sm">{ok ? DONE[action] : error?.message}</Text>
                  </Group>
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
        <Group justify="flex-end">
          <Button onClick={close}>Close</Button>
        </Group>
      </Stack>
    </Modal>
  );
}
