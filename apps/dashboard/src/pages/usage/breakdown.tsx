import { Anchor, Table, Text } from '@mantine/core';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useEffect, useMemo, useState } from 'react';
import { nameOfKey, namesOfKeys } from '../../api/key-names.js';
import { type UsageQuery, usageTotals } from '../../api/usage.js';
import { Loaded } from '../../parts/loaded.js';
import { money } from '../../parts/money.js';
import { TableFrame } from '../../parts/table-frame.js';
import { VirtualRows } from '../../parts/virtual-rows.js';
import { linesOf, percentOf } from './figures.js';
import styles from './usage-page.module.css';
import type { Group, UsageSearch } from './usage-search.js';
import { percent } from './writing.js';

const HEADINGS: Record<Group, string> = { model: 'Model', key: 'Key', provider: 'Provider', project: 'Project' };

interface BreakdownProps {
  readonly query: UsageQuery;
  readonly by: Group;
  readonly search: UsageSearch;
  readonly currency: string;
  readonly labelOf: (id: string | null) => string;
}

/** The whole stretch of time in one line for each of them, read on as one scrolls. */
export function Breakdown({ query, by, search, currency, labelOf }: BreakdownProps) {
  const found = useInfiniteQuery(usageTotals(query));
  const { data, hasNextPage, isFetching, fetchNextPage } = found;
  const lines = useMemo(() => {
    const rows = data?.pages.flatMap((page) => page.data) ?? [];
    return linesOf(
      rows.filter((row) => row.currency === currency),
      by,
    );
  }, [data, currency, by]);
  const [inSight, setInSight] = useState<ReturnType<typeof linesOf>>([]);
  // Of ten thousand keys only those are asked after that somebody sees.
  const { data: names } = useQuery(namesOfKeys(by === 'key' ? inSight.flatMap(({ id }) => id ?? []) : []));
  const nameOf = (id: string | null) => (by === 'key' && id !== null ? nameOfKey(names, id) : labelOf(id));
  const isNearEnd = inSight.at(-1) === lines.at(-1);
  useEffect(() => {
    if (isNearEnd && hasNextPage && !isFetching) void fetchNextPage();
  }, [isNearEnd, hasNextPage, isFetching, fetchNextPage]);
  return (
    <Loaded of={found} label={`usage by ${by}`}>
      {() => (
        <TableFrame label={`Usage by ${by}`} minWidth={860} rows={hasNextPage ? 'more' : lines.length}>
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
          <VirtualRows of={lines} columns={9} keyOf={({ id }) => id ?? ''} sees={setInSight}>
            {({ id, figures }) => (
              <>
                <Table.Td>
                  <Name id={id} by={by} search={search} label={nameOf(id)} />
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
      )}
    </Loaded>
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

/** As plain as can be: there are eight of them in each of the rows that scroll by. */
function Figure({ text }: { readonly text: string }) {
  return <td className={`number ${styles.cell}`}>{text}</td>;
}

function withShare(part: number, whole: number): string {
  return part === 0 ? '0' : `${part.toLocaleString('en')} (${percent(percentOf(part, whole))})`;
}
