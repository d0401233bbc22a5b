import '@mantine/charts/styles.layer.css';
import { AreaChart, BarChart, LineChart } from '@mantine/charts';
import { memo } from 'react';
import type { Picture, Writing } from './picture.js';
import { ticksOf } from './ticks.js';

interface DrawnChartProps {
  readonly title: string;
  readonly of: Picture;
  readonly writing: Writing;
  readonly shape: 'bars' | 'lines';
  readonly height: number;
}

/** Dark enough to stand out from white, and light enough from black. */
const COLORS = ['iris.6', 'teal.7', 'orange.7', 'grape.6', 'cyan.7', 'pink.6', 'yellow.8', 'gray.5'];

/** A bar is a thing of its own to the library: with more of them they become one outline, which looks the same. */
const MOST_BARS = 100;
const STILL = { isAnimationActive: false };
/** Room for the upper half of the topmost name. */
const ROOM = { margin: { top: 10 } };

/** Drawn again only where something in it is new: to draw is dear, and what is shown is asked for every few seconds. */
export const DrawnChart = memo(function DrawnChart({
  title,
  of: { series, points },
  writing,
  shape,
  height,
}: DrawnChartProps) {
  const drawn = series.map((each, index) => ({ ...each, color: COLORS[index % COLORS.length] ?? 'iris.6' }));
  const data = points.map((point) => ({ ...point, when: writing.moment(point.at) }));
  const ticks = ticksOf(points.map(({ at }) => at)).map(writing.moment);
  const given = {
    h: height,
    data,
    dataKey: 'when',
    series: drawn,
    withLegend: true,
    // In the order of the bars, and out of their way.
    legendProps: { verticalAlign: 'bottom' as const, itemSorter: null },
    valueFormatter: writing.value,
    tooltipAnimationDuration: 0,
    // Where there is no room for all of them, every other.
    xAxisProps: { ticks, interval: 'equidistantPreserveStart' as const, minTickGap: 12 },
    // Each beside its line, none of them moved or left out.
    yAxisProps: { width: 72, allowDecimals: !writing.isCount, interval: 0 as const },
    tickLine: 'none' as const,
  };
  const isCrowded = points.length > MOST_BARS;
  return (
    <figure aria-label={`${title}, drawn; “Tables” shows the numbers`} style={{ margin: 0 }}>
      {shape === 'lines' && (
        <LineChart {...given} lineChartProps={ROOM} withDots={false} curveType="linear" lineProps={STILL} />
      )}
      {shape === 'bars' && !isCrowded && (
        <BarChart {...given} barChartProps={ROOM} type="stacked" maxBarWidth={36} barProps={STILL} />
      )}
      {shape === 'bars' && isCrowded && (
        <AreaChart
          {...given}
          areaChartProps={ROOM}
          type="stacked"
          withDots={false}
          withGradient={false}
          curveType="step"
          fillOpacity={0.9}
          strokeWidth={0}
          areaProps={STILL}
        />
      )}
    </figure>
  );
});
