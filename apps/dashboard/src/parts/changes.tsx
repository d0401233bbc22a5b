import { Table, Text } from '@mantine/core';
import type { NewRule } from '../api/rules.js';
import { sentenceOf } from '../pages/rules/rule-text.js';

/** What tells a person nothing: ids of what they are looking at, and what follows from the rest. */
const NOISE = new Set([
  'id',
  'organization_id',
  'project_id',
  'secret_id',
  'created_at',
  'created_by',
  'updated_at',
  'secret_created_at',
  'recurring_since',
  'spend_epoch',
  'revision',
]);

type Facts = Readonly<Record<string, unknown>>;

interface ChangesProps {
  readonly before: Facts | null;
  readonly after: Facts | null;
}

/** What is different between two states of a thing, field by field. */
export function Changes({ before, after }: ChangesProps) {
  const fields = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])].filter(
    (field) => !NOISE.has(field) && written(before?.[field]) !== written(after?.[field]),
  );
  if (fields.length === 0) return null;
  return (
    <Table fz={12} verticalSpacing={4} withRowBorders={false}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Field</Table.Th>
          {before && <Table.Th>Before</Table.Th>}
          <Table.Th>{before ? 'After' : 'Value'}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {fields.map((field) => (
          <Table.Tr key={field}>
            <Table.Td>{field.replaceAll('_', ' ')}</Table.Td>
            {before && (
              <Table.Td>
                <Value value={before[field]} gone />
              </Table.Td>
            )}
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

function isRule(value: unknown): value is NewRule {
  return typeof value === 'object' && value !== null && /^(allow|deny)_/.test((value as { type?: string }).type ?? '');
}

function written(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value !== 'object') return String(value);
  if (isRule(value)) return `${sentenceOf(value)}${value.status === 'active' ? '' : ` (${value.status})`}`;
  if (Array.isArray(value)) return value.map(written).join(', ');
  return Object.entries(value)
    .map(([name, of]) => `${name.replaceAll('_', ' ')}: ${written(of)}`)
    .join(', ');
}
