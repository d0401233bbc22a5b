import { Checkbox, Table, UnstyledButton } from '@mantine/core';
import { createColumnHelper, rowSelectionFeature, tableFeatures, useTable } from '@tanstack/react-table';
import type { Key } from '../../api/keys.js';
import { IconArrowDown, IconArrowsSort, IconArrowUp } from '../../parts/icons.js';
import { TableFrame } from '../../parts/table-frame.js';
import {
  CreatedCell,
  LastUsedCell,
  LimitsCell,
  NameCell,
  PeriodCell,
  PreviewCell,
  RulesCell,
  StatusCell,
  UsageCell,
} from './key-cells.js';
import type { KeyListProps } from './key-list-props.js';
import { KeyMenu } from './key-menu.js';
import type { KeySearch } from './key-search.js';
import styles from './keys-page.module.css';

const features = tableFeatures({ rowSelectionFeature });
const helper = createColumnHelper<typeof features, Key>();
const columns = helper.columns([
  helper.display({ id: 'name', header: 'Name', cell: ({ row }) => <NameCell row={row.original} /> }),
  helper.display({ id: 'preview', header: 'API Key', cell: ({ row }) => <PreviewCell row={row.original} /> }),
  helper.display({ id: 'status', header: 'Status', cell: ({ row }) => <StatusCell row={row.original} /> }),
  helper.display({ id: 'created', header: 'Created', cell: ({ row }) => <CreatedCell row={row.original} /> }),
  helper.display({ id: 'last-used', header: 'Last used', cell: ({ row }) => <LastUsedCell row={row.original} /> }),
  helper.display({ id: 'usage', header: 'Usage', cell: ({ row }) => <UsageCell row={row.original} /> }),
  helper.display({ id: 'period', header: 'Current Period', cell: ({ row }) => <PeriodCell row={row.original} /> }),
  helper.display({ id: 'limits', header: 'Limits', cell: ({ row }) => <LimitsCell row={row.original} /> }),
  helper.display({ id: 'rules', header: 'IAM Rules', cell: ({ row }) => <RulesCell row={row.original} /> }),
]);

/** What the server can sort by, under the column that shows it. */
const SORTABLE: Record<string, 'name' | 'created_at' | 'expires_at'> = {
  name: 'name',
  created: 'created_at',
  status: 'expires_at',
};

export function KeyTable({ keys, search, look, selected, select, open }: KeyListProps & { readonly keys: Key[] }) {
  const table = useTable({
    features,
    columns,
    data: keys,
    getRowId: ({ id }) => id,
    state: { rowSelection: selected },
    onRowSelectionChange: (change) => select(typeof change === 'function' ? change(selected) : change),
  });
  return (
    <TableFrame label="Keys" minWidth={1120}>
      <Table.Thead>
        {table.getHeaderGroups().map((group) => (
          <Table.Tr key={group.id}>
            <Table.Th w={36}>
              <Checkbox
                size="xs"
                aria-label="Select all keys on this page"
                checked={table.getIsAllRowsSelected()}
                indeterminate={table.getIsSomeRowsSelected() && !table.getIsAllRowsSelected()}
                onChange={table.getToggleAllRowsSelectedHandler()}
              />
            </Table.Th>
            {group.headers.map((header) => (
              <SortableHeading key={header.id} field={SORTABLE[header.id]} search={search} look={look}>
                <table.FlexRender header={header} />
              </SortableHeading>
            ))}
            <Table.Th data-actions>
              <span className="unseen">Actions</span>
            </Table.Th>
          </Table.Tr>
        ))}
      </Table.Thead>
      <Table.Tbody>
        {table.getRowModel().rows.map((row) => (
          <Table.Tr key={row.id} data-selected={row.getIsSelected() || undefined}>
            <Table.Td>
              <Checkbox
                size="xs"
                aria-label={`Select ${row.original.name}`}
                checked={row.getIsSelected()}
                onChange={row.getToggleSelectedHandler()}
              />
            </Table.Td>
            {row.getAllCells().map((cell) => (
              <Table.Td key={cell.id}>
                <table.FlexRender cell={cell} />
              </Table.Td>
            ))}
            <Table.Td data-actions>
              <KeyMenu row={row.original} open={open} />
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </TableFrame>
  );
}

interface SortableHeadingProps extends Pick<KeyListProps, 'search' | 'look'> {
  readonly field: 'name' | 'created_at' | 'expires_at' | undefined;
  readonly children: React.ReactNode;
}

const WHAT = { name: 'name', created_at: 'creation', expires_at: 'expiry' } as const;

function SortableHeading({ field, search, look, children }: SortableHeadingProps) {
  if (!field) return <Table.Th>{children}</Table.Th>;
  const sort = search.sort ?? '-created_at';
  const direction = sort === field ? 'ascending' : sort === `-${field}` ? 'descending' : 'none';
  const next = (direction === 'ascending' ? `-${field}` : field) as KeySearch['sort'];
  const Icon = { ascending: IconArrowUp, descending: IconArrowDown, none: IconArrowsSort }[direction];
  return (
    <Table.Th aria-sort={direction}>
      <UnstyledButton className={styles.sort} onClick={() => look({ sort: next })} title={`Sort by ${WHAT[field]}`}>
        {children}
        <Icon size={13} stroke={1.8} opacity={direction === 'none' ? 0.5 : 1} />
      </UnstyledButton>
    </Table.Th>
  );
}
