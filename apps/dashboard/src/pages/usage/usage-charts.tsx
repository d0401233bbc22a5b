import { SimpleGrid, Stack } from '@mantine/core';
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
  const moment = momentIn(stretch.bucket, range);
  const asTable = search.view === 'table';
  return (
    <Stack gap="md">
      <ChartCard
        title={`Spend by ${by}`}
        note={stretch.bucket === '1d' ? 'Days begin at midnight UTC' : undefined}
        of={spendPicture(rows, stretch, by, labelOf)}
        writing={{ moment, value: drawnMoney(currency) }}
        shape="bars"
        height={260}
        asTable={asTable}
        nothing="Nothing was spent in this time."
      />
      <SimpleGrid cols={{ base: 1, md: asTable ? 1 : 2, xl: asTable ? 1 : 3 }} spacing="md">
        <ChartCard
          title="Tokens"
          of={tokenPicture(rows, stretch)}
          writing={{ moment, value: short }}
          shape="bars"
          asTable={asTable}
          nothing="No tokens in this time."
        />
        <ChartCard
          title="Requests"
          of={outcomePicture(rows, stretch)}
          writing={{ moment, value: short }}
          shape="bars"
          asTable={asTable}
          nothing="No requests in this time."
        />
        <ChartCard
          title="Error and denial rate"
          of={ratePicture(rows, stretch)}
          writing={{ moment, value: percent }}
          shape="lines"
          asTable={asTable}
          nothing="No errors and no denials in this time."
        />
      </SimpleGrid>
    </Stack>
  );
}
