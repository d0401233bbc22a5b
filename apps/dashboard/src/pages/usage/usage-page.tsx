import { Button, SegmentedControl, SimpleGrid, Skeleton, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useCallback, useMemo } from 'react';
import { nameOfKey, namesOfKeys } from '../../api/key-names.js';
import { projects } from '../../api/projects.js';
import { type Report, type UsageQuery, usageReport } from '../../api/usage.js';
import { useProject } from '../../app/use-project.js';
import { AsOf, LagBanner } from '../../parts/as-of.js';
import { IconChartBar } from '../../parts/icons.js';
import { Nothing } from '../../parts/nothing.js';
import { Page } from '../../parts/page.js';
import { ProblemView } from '../../parts/problem-view.js';
import { useNow } from '../../parts/use-now.js';
import { Breakdown } from './breakdown.js';
import { ExportMenu } from './export-menu.js';
import { figuresOf } from './figures.js';
import { Totals } from './totals.js';
import { UsageCharts } from './usage-charts.js';
import { UsageFilters } from './usage-filters.js';
import { queryOf, type Stretch, stretchOf, type UsageSearch } from './usage-search.js';

const route = getRouteApi('/house/usage');

export function UsagePage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { project } = useProject();
  const stretch = stretchOf(search, useNow());
  const query = queryOf(search, stretch, project?.id);
  const found = useQuery({ ...usageReport(query), enabled: project !== undefined });
  const { data: names } = useQuery(namesOfKeys(search.key ? [search.key] : []));
  const retry = () => void found.refetch();
  const look = (change: UsageSearch) => void navigate({ search: (before) => ({ ...before, ...change }) });
  return (
    <Page title="Usage" note={found.data && <AsOf at={found.data.asOf} />} action={<ExportMenu query={query} />}>
      <UsageFilters
        search={search}
        look={look}
        projectName={project?.name ?? 'This project'}
        nameOfKey={(id) => nameOfKey(names, id)}
      />
      {found.error && (
        <ProblemView error={found.error} retry={retry} staleSince={found.data ? found.dataUpdatedAt : undefined} />
      )}
      {found.isPending && <Waiting />}
      {found.data && (
        <>
          <LagBanner at={found.data.asOf} readAt={found.dataUpdatedAt} />
          <Content
            report={found.data}
            query={query}
            search={search}
            look={look}
            stretch={stretch}
            usual={project?.currency}
          />
        </>
      )}
    </Page>
  );
}

interface ContentProps {
  readonly report: Report;
  readonly query: UsageQuery;
  readonly search: UsageSearch;
  readonly look: (change: UsageSearch) => void;
  readonly stretch: Stretch;
  /** The project’s own currency. */
  readonly usual: string | undefined;
}

function Content({ report, query, search, look, stretch, usual = 'USD' }: ContentProps) {
  const { by = 'model' } = search;
  const { data: names } = useQuery(namesOfKeys(report.rows.flatMap(({ group }) => group.key ?? [])));
  const { data: all } = useQuery(projects);
  const currencies = [...new Set(report.rows.map((row) => row.currency))].sort();
  const currency = [search.currency, usual, currencies[0]].find((each) => each && currencies.includes(each)) ?? usual;
  // Amounts of two currencies have no sum: one looks at one of them.
  const rows = useMemo(() => report.rows.filter((row) => row.currency === currency), [report, currency]);
  const labelOf = useCallback(
    (id: string | null) => {
      if (id === null) return 'Denied before it was known';
      if (by === 'key') return nameOfKey(names, id);
      return by === 'project' ? (all?.find((project) => project.id === id)?.name ?? id) : id;
    },
    [by, names, all],
  );
  if (rows.length === 0)
    return (
      <Nothing icon={<IconChartBar size={30} stroke={1.4} />} title="Nothing was used here in this time">
        <Text size="sm" c="dimmed" ta="center" maw={420}>
          Every request of a key shows up within seconds, also one that is denied.
        </Text>
        <Button
          variant="default"
          size="sm"
          onClick={() =>
            look({
              range: '1y',
              bucket: undefined,
              over: undefined,
              key: undefined,
              model: undefined,
              provider: undefined,
            })
          }
        >
          Look at a year, without filters
        </Button>
      </Nothing>
    );
  return (
    <Stack gap="md">
      {currencies.length > 1 && (
        <SegmentedControl
          size="xs"
          aria-label="Currency"
          style={{ alignSelf: 'flex-start' }}
          value={currency}
          onChange={(chosen) => look({ currency: chosen })}
          data={currencies}
        />
      )}
      <Totals of={figuresOf(rows)} currency={currency} />
      <UsageCharts rows={rows} search={search} stretch={stretch} currency={currency} labelOf={labelOf} />
      <Breakdown query={query} by={by} search={search} currency={currency} labelOf={labelOf} />
    </Stack>
  );
}

function Waiting() {
  return (
    <Stack gap="md" role="status" aria-busy="true" aria-label="Loading usage">
      <SimpleGrid cols={{ base: 2, md: 3, xl: 6 }} spacing="sm">
        {['a', 'b', 'c', 'd', 'e', 'f'].map((tile) => (
          <Skeleton key={tile} height={92} radius="md" />
        ))}
      </SimpleGrid>
      <Skeleton height={280} radius="md" />
    </Stack>
  );
}
