import { SimpleGrid, Stack } from '@mantine/core';
import { useMemo } from 'react';
import type { UsageRow } from '../../api/usage.js';
import { ChartCard } from '../../parts/chart/chart-card.js';
import { outcomePicture, ratePicture, spendPicture, tokenPicture } from './figures.js';
import type { Stretch, UsageSearch } from './usage-search.js';
import { drawnMoney, momentIn, percent, short } from './writing.js';

interface UsageChartsProps {
  readonly rows: readonly UsageRow[];
  readonly search: UsageSearch;
  readonly stretch: Stretch;
  readonly currency: string;
  readonly labelOf: (id: string | null) => string;
}

export function UsageCharts({ rows, search, stretch, currency, labelOf }: UsageChartsProps) {
  const { by = 'model', range = '7d' } = search;
  const { start, end, bucket } = stretch;
  const drawn = useMemo(() => {
    const over = { start, end, bucket };
    const moment = momentIn(bucket, range);
    return {
      spend: { of: spendPicture(rows, over, by, labelOf), writing: { moment, value: drawnMoney(currency) } },
      tokens: { of: tokenPicture(rows, over), writing: { moment, value: short, isCount: true } },
      requests: { of: outcomePicture(rows, over), writing: { moment, value: short, isCount: true } },
      rates: { of: ratePicture(rows, over), writing: { moment, value: percent } },
    };
  }, [rows, start, end, bucket, range, by, labelOf, currency]);
  const asTable = search.view === 'table';
  return (
    <Stack gap="md">
      <ChartCard
        title={`Spend by ${by}`}
        note={bucket === '1d' ? 'Days begin at midnight UTC' : undefined}
        {...drawn.spend}
        shape="bars"
        height={260}
        asTable={asTable}
        nothing="Nothing was spent in this time."
      />
      <SimpleGrid cols={{ base: 1, md: asTable ? 1 : 2, xl: asTable ? 1 : 3 }} spacing="md">
        <ChartCard title="Tokens" {...drawn.tokens} shape="bars" asTable={asTable} nothing="No tokens in this time." />
        <ChartCard
          title="Requests"
          {...drawn.requests}
          shape="bars"
          asTable={asTable}
          nothing="No requests in this time."
        />
        <ChartCard
          title="Error and denial rate"
          {...drawn.rates}
          shape="lines"
          asTable={asTable}
          nothing="No errors and no denials in this time."
        />
      </SimpleGrid>
    </Stack>
  );
}
