import { Table, Text } from '@mantine/core';
import { TableFrame } from '../table-frame.js';
import { VirtualRows } from '../virtual-rows.js';
import type { Picture, Writing } from './picture.js';

interface PictureTableProps {
  readonly title: string;
  readonly of: Picture;
  readonly writing: Writing;
}

/** The numbers of a picture, the newest first; moments at which nothing happened are left out. */
export function PictureTable({ title, of: { series, points }, writing }: PictureTableProps) {
  const busy = points.filter((point) => series.some(({ name }) => point[name] !== 0)).reverse();
  const quiet = points.length - busy.length;
  return (
    <div style={{ maxHeight: 420, overflow: 'auto' }}>
      <TableFrame label={`${title}, in numbers`} minWidth={120 + series.length * 110} rows={busy.length}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Time</Table.Th>
            {series.map(({ name, label }) => (
              <Table.Th key={name} ta="right">
                {label}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <VirtualRows of={busy} columns={series.length + 1} keyOf={({ at }) => at}>
          {(point) => (
            <>
              <Table.Td style={{ whiteSpace: 'nowrap' }}>{writing.moment(point.at)}</Table.Td>
              {series.map(({ name }) => (
                <Table.Td key={name} ta="right" className="number">
                  {writing.value(point[name] ?? 0)}
                </Table.Td>
              ))}
            </>
          )}
        </VirtualRows>
      </TableFrame>
      {quiet > 0 && (
        <Text size="xs" c="dimmed" mt={6}>
          Nothing in {quiet.toLocaleString('en')} other {quiet === 1 ? 'stretch' : 'stretches'} of time.
        </Text>
      )}
    </div>
  );
}
