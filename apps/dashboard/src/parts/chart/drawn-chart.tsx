import '@mantine/charts/styles.layer.css';
import { BarChart, LineChart } from '@mantine/charts';
import type { Picture, Writing } from './picture.js';

interface DrawnChartProps {
  readonly title: string;
  readonly of: Picture;
  readonly writing: Writing;
  readonly shape: 'bars' | 'lines';
  readonly height: number;
}

/** Dark enough to stand out from white, and light enough from black. */
const COLORS = ['iris.6', 'teal.7', 'orange.7', 'grape.6', 'cyan.7', 'pink.6', 'yellow.8', 'gray.5'];

export function DrawnChart({ title, of: { series, points }, writing, shape, height }: DrawnChartProps) {
  const drawn = series.map((each, index) => ({ ...each, color: COLORS[index % COLORS.length] ?? 'iris.6' }));
  const data = points.map((point) => ({ ...point, when: writing.moment(point.at) }));
  const given = {
    h: height,
    data,
    dataKey: 'when',
    series: drawn,
    withLegend: drawn.length > 1,
    // Read from the top, and out of the way of the bars.
    legendProps: { verticalAlign: 'bottom' as const },
    valueFormatter: writing.value,
    tooltipAnimationDuration: 0,
    xAxisProps: { minTickGap: 40 },
    yAxisProps: { width: 72 },
    tickLine: 'none' as const,
  };
  return (
    <figure aria-label={`${title}, drawn; “Tables” shows the numbers`} style={{ margin: 0 }}>
      {shape === 'bars' ? (
        <BarChart {...given} type="stacked" maxBarWidth={36} barProps={{ isAnimationActive: false }} />
      ) : (
        <LineChart {...given} withDots={false} curveType="linear" lineProps={{ isAnimationActive: false }} />
      )}
    </figure>
  );
}
