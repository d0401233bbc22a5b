import { SimpleGrid, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { money } from '../../parts/money.js';
import { type Figures, percentOf } from './figures.js';
import styles from './usage-page.module.css';
import { percent, short } from './writing.js';

interface TotalsProps {
  readonly of: Figures;
  readonly currency: string;
}

export function Totals({ of: figures, currency }: TotalsProps) {
  const { requests, denied, errors, input, cached, output } = figures;
  return (
    <SimpleGrid cols={{ base: 2, md: 3, xl: 6 }} spacing="sm">
      <Total label="Spend" figure={money(figures.cost, currency)}>
        platform and own keys
      </Total>
      <Total label="Platform credits" figure={money(figures.platformCost, currency)}>
        through our providers
      </Total>
      <Total label="Own provider keys" figure={money(figures.ownKeyCost, currency)}>
        paid to the provider itself
      </Total>
      <Total label="Tokens" figure={short(input + output)}>
        {short(input)} in ({short(cached)} cached), {short(output)} out
      </Total>
      <Total label="Requests" figure={requests.toLocaleString('en')}>
        {errors.toLocaleString('en')} failed at the provider, {percent(percentOf(errors, requests))}
      </Total>
      <Total label="Denied" figure={denied.toLocaleString('en')}>
        {percent(percentOf(denied, requests + denied))} of all that was asked
      </Total>
    </SimpleGrid>
  );
}

interface TotalProps {
  readonly label: string;
  readonly figure: string;
  readonly children: ReactNode;
}

function Total({ label, figure, children }: TotalProps) {
  return (
    <Stack gap={4} className={styles.total} role="group" aria-label={label}>
      <Text size="sm" c="dimmed">
        {label}
      </Text>
      <div className={styles.figure}>{figure}</div>
      <Text size="xs" c="dimmed" className="number">
        {children}
      </Text>
    </Stack>
  );
}
