import { Anchor, Table, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import type { UsageRow } from '../../api/usage.js';
import { money } from '../../parts/money.js';
import { TableFrame } from '../../parts/table-frame.js';
import { VirtualRows } from '../../parts/virtual-rows.js';
import { linesOf, percentOf } from './figures.js';
import type { Group, UsageSearch } from './usage-search.js';
import { percent } from './writing.js';

const HEADINGS: Record<Group, string> = { model: 'Model', key: 'Key', provider: 'Provider', project: 'Project' };

interface BreakdownProps {
  readonly rows: readonly UsageRow[];
  readonly by: Group;
  readonly search: UsageSearch;
  readonly currency: string;
  readonly labelOf: (id: string | null) => string;
}

/** The whole stretch of time in one line for each of them. */
export function Breakdown({ rows, by, search, currency, labelOf }: BreakdownProps) {
  const lines = useMemo(() => linesOf(rows, by), [rows, by]);
  return (
    <TableFrame label={`Usage by ${by}`} minWidth={860} rows={lines.length}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{HEADINGS[by]}</Table.Th>
          <Table.Th ta="right">Spend</Table.Th>
          <Table.Th ta="right">Own keys</Table.Th>
          <Table.Th ta="right">Requests</Table.Th>
          <Table.Th ta="right">Errors</Table.Th>
          <Table.Th ta="right">Denied</Table.Th>
          <Table.Th ta="right">Input</Table.Th>
          <Table.Th ta="right">Cached</Table.Th>
          <Table.Th ta="right">Output</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <VirtualRows of={lines} columns={9} keyOf={({ id }) => id ?? ''}>
        {({ id, figures }) => (
          <>
            <Table.Td>
              <Name id={id} by={by} search={search} label={labelOf(id)} />
            </Table.Td>
            <Figure text={money(figures.cost, currency)} />
            <Figure text={money(figures.ownKeyCost, currency)} />
            <Figure text={figures.requests.toLocaleString('en')} />
            <Figure text={withShare(figures.errors, figures.requests)} />
            <Figure text={withShare(figures.denied, figures.requests + figures.denied)} />
            <Figure text={figures.input.toLocaleString('en')} />
            <Figure text={figures.cached.toLocaleString('en')} />
            <Figure text={figures.output.toLocaleString('en')} />
          </>
        )}
      </VirtualRows>
    </TableFrame>
  );
}

interface NameProps {
  readonly id: string | null;
  readonly by: Group;
  readonly search: UsageSearch;
  readonly label: string;
}

/** To what makes it up: a key’s own page, and else the same page about nothing but this. */
function Name({ id, by, search, label }: NameProps) {
  if (id === null) return <Text inherit>{label}</Text>;
  if (by === 'key')
    return (
      <Anchor component={Link} to={`/keys/${id}`} inherit>
        {label}
      </Anchor>
    );
  if (by === 'project') return <Text inherit>{label}</Text>;
  const narrower: UsageSearch = { ...search, [by]: id, by: 'key' };
  return (
    <Anchor inherit renderRoot={(props) => <Link {...props} to="/usage" search={narrower} />}>
      {label}
    </Anchor>
  );
}

function Figure({ text }: { readonly text: string }) {
  return (
    <Table.Td ta="right" className="number">
      {text}
    </Table.Td>
  );
}

function withShare(part: number, whole: number): string {
  return part === 0 ? '0' : `${part.toLocaleString('en')} (${percent(percentOf(part, whole))})`;
}
