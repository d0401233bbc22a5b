import { Table, Text } from '@mantine/core';

type Facts = Readonly<Record<string, unknown>>;

interface ChangesProps {
  readonly before: Facts | null;
  readonly after: Facts | null;
}

/** What is different between two states of a thing, field by field. */
export function Changes({ before, after }: ChangesProps) {
  const fields = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])].filter(
    (field) => written(before?.[field]) !== written(after?.[field]),
  );
  if (fields.length === 0)
    return (
      <Text size="sm" c="dimmed">
        No field that is shown here is different.
      </Text>
    );
  return (
    <Table fz={12} verticalSpacing={4} withRowBorders={false}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Field</Table.Th>
          <Table.Th>Before</Table.Th>
          <Table.Th>After</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {fields.map((field) => (
          <Table.Tr key={field}>
            <Table.Td>{field.replaceAll('_', ' ')}</Table.Td>
            <Table.Td>
              <Value value={before?.[field]} gone />
            </Table.Td>
            <Table.Td>
              <Value value={after?.[field]} />
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

function Value({ value, gone = false }: { readonly value: unknown; readonly gone?: boolean }) {
  const text = written(value);
  if (text === '')
    return (
      <Text span inherit c="dimmed">
        none
      </Text>
    );
  const Mark = gone ? 'del' : 'ins';
  return (
    <Mark className="mono" style={{ textDecoration: gone ? 'line-through' : 'none', overflowWrap: 'anywhere' }}>
      {text}
    </Mark>
  );
}

function written(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value !== 'object') return String(value);
  return JSON.stringify(value);
}
