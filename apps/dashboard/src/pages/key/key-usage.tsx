import { Anchor, Group, SegmentedControl, SimpleGrid, Skeleton, Stack, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import type { Key } from '../../api/keys.js';
import { type UsageRow, usageReport } from '../../api/usage.js';
import { LagBanner } from '../../parts/as-of.js';
import { ChartCard } from '../../parts/chart/chart-card.js';
import { ProblemView } from '../../parts/problem-view.js';
import { useNow } from '../../parts/use-now.js';
import { outcomePicture, spendPicture } from '../usage/figures.js';
import { queryOf, type Stretch, stretchOf } from '../usage/usage-search.js';
import { drawnMoney, momentIn, short } from '../usage/writing.js';

/** What a key did in the last month: what it spent on which model, and what became of its requests. */
export function KeyUsage({ of: key }: { readonly of: Key }) {
  const month = { range: '30d', key: key.id } as const;
  const stretch = stretchOf(month, useNow());
  const found = useQuery(usageReport(queryOf(month, stretch, undefined)));
  const [view, setView] = useState('charts');
  const retry = () => void found.refetch();
  return (
    <Stack gap="sm" component="section" aria-label="The last 30 days">
      <Group justify="space-between">
        <Title order={2} size="h4">
          The last 30 days
        </Title>
        <Group gap="md">
          <SegmentedControl
            size="xs"
            aria-label="Show as"
            value={view}
            onChange={setView}
            data={[
              { value: 'charts', label: 'Charts' },
              { value: 'table', label: 'Tables' },
            ]}
          />
          <Anchor size="sm" renderRoot={(props) => <Link {...props} to="/usage" search={month} />}>
            All of its usage
          </Anchor>
        </Group>
      </Group>
      {found.error && (
        <ProblemView error={found.error} retry={retry} staleSince={found.data ? found.dataUpdatedAt : undefined} />
      )}
      {found.isPending && <Skeleton height={220} radius="md" />}
      {found.data && (
        <>
          <LagBanner at={found.data.asOf} readAt={found.dataUpdatedAt} />
          <Charts rows={found.data.rows} stretch={stretch} currency={key.currency} asTable={view === 'table'} />
        </>
      )}
    </Stack>
  );
}

interface ChartsProps {
  readonly rows: readonly UsageRow[];
  readonly stretch: Stretch;
  readonly currency: string;
  readonly asTable: boolean;
}

const named = (id: string | null) => id ?? 'Denied before it was known';

function Charts({ rows, stretch: { start, end, bucket }, currency, asTable }: ChartsProps) {
  const { spend, outcomes } = useMemo(() => {
    const over = { start, end, bucket };
    const moment = momentIn(bucket, '30d');
    return {
      spend: { of: spendPicture(rows, over, 'model', named), writing: { moment, value: drawnMoney(currency) } },
      outcomes: { of: outcomePicture(rows, over), writing: { moment, value: short, isCount: true } },
    };
  }, [rows, start, end, bucket, currency]);
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md">
      <ChartCard
        title="Spend by model"
        {...spend}
        shape="bars"
        asTable={asTable}
        nothing="It has spent nothing in this time."
      />
      <ChartCard
        title="What became of its requests"
        {...outcomes}
        shape="bars"
        asTable={asTable}
        nothing="It has asked for nothing in this time."
      />
    </SimpleGrid>
  );
}
