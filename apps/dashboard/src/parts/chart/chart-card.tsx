import { Paper, Skeleton, Stack, Text, Title } from '@mantine/core';
import { lazy, Suspense } from 'react';
import { type Picture, totalOf, type Writing } from './picture.js';
import { PictureTable } from './picture-table.js';

const Drawn = lazy(async () => ({ default: (await import('./drawn-chart.js')).DrawnChart }));

interface ChartCardProps {
  readonly title: string;
  readonly note?: string;
  readonly of: Picture;
  readonly writing: Writing;
  readonly shape: 'bars' | 'lines';
  readonly height?: number;
  /** The same in numbers. */
  readonly asTable?: boolean;
  readonly nothing: string;
}

/** A picture over time, or its numbers. The library that draws comes when the first picture does. */
export function ChartCard({
  title,
  note,
  of: picture,
  writing,
  shape,
  height = 220,
  asTable,
  nothing,
}: ChartCardProps) {
  const isEmpty = picture.series.every(({ name }) => totalOf(picture, name) === 0);
  return (
    <Paper p="md" component="section" aria-label={title} miw={0}>
      <Stack gap="sm">
        <Stack gap={0}>
          <Title order={2} size="h5">
            {title}
          </Title>
          {note && (
            <Text size="xs" c="dimmed">
              {note}
            </Text>
          )}
        </Stack>
        {isEmpty && (
          <Text size="sm" c="dimmed" py="lg" ta="center">
            {nothing}
          </Text>
        )}
        {!isEmpty && asTable && <PictureTable title={title} of={picture} writing={writing} />}
        {!isEmpty && !asTable && (
          <Suspense fallback={<Skeleton height={height} radius="md" />}>
            <Drawn title={title} of={picture} writing={writing} shape={shape} height={height} />
          </Suspense>
        )}
      </Stack>
    </Paper>
  );
}
