import { Anchor, Badge, Group, Stack, Text, Tooltip } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { Key } from '../../api/keys.js';
import { Actor } from '../../parts/actor.js';
import { Copy } from '../../parts/copy.js';
import { IconAlertTriangle } from '../../parts/icons.js';
import { MaskedKey } from '../../parts/masked-key.js';
import { Meter } from '../../parts/meter.js';
import { date, relative } from '../../parts/moments.js';
import { money, roundMoney, shareOf } from '../../parts/money.js';
import { StatusBadge } from '../../parts/status-badge.js';
import { TimeAgo } from '../../parts/time-ago.js';
import { useNow } from '../../parts/use-now.js';
import { stateOf } from './key-state.js';
import styles from './keys-page.module.css';

/** What each column of the list shows; the cards of a phone show the same. */
interface Cell {
  readonly row: Key;
}

export function NameCell({ row }: Cell) {
  const tags = Object.entries(row.tags);
  return (
    <Stack gap={4}>
      <Anchor component={Link} to={`/keys/${row.id}`} className={styles.name} size="sm">
        {row.name}
      </Anchor>
      {(tags.length > 0 || row.leaked_at || row.rotation_due) && (
        <Group gap={4}>
          {row.leaked_at && (
            <Badge size="xs" color="red" variant="light" leftSection={<IconAlertTriangle size={10} />} tt="none">
              found in public
            </Badge>
          )}
          {row.rotation_due && (
            <Badge size="xs" color="yellow" variant="light" tt="none">
              rotation due
            </Badge>
          )}
          {tags.map(([name, value]) => (
            <Badge key={name} className={styles.tag} size="xs" color="gray" variant="light" tt="none" fw={500}>
              {value === '' ? name : `${name}: ${value}`}
            </Badge>
          ))}
        </Group>
      )}
    </Stack>
  );
}

export function PreviewCell({ row }: Cell) {
  return (
    <Group gap={2} wrap="nowrap">
      <MaskedKey preview={row.preview} />
      <Copy value={row.id} label="Copy the key’s id" />
    </Group>
  );
}

export function StatusCell({ row }: Cell) {
  const now = useNow();
  const state = stateOf(row, now);
  return (
    <Stack gap={3} align="flex-start">
      <StatusBadge state={state} />
      <Text size="xs" c="dimmed" style={{ whiteSpace: 'nowrap' }}>
        {expiryOf(row, now)}
      </Text>
    </Stack>
  );
}

function expiryOf({ expires_at }: Key, now: number): string {
  if (expires_at === null) return 'Never expires';
  return Date.parse(expires_at) <= now
    ? `Expired ${relative(expires_at, now)}`
    : `Expires ${relative(expires_at, now)}`;
}

export function CreatedCell({ row }: Cell) {
  return (
    <Stack gap={0}>
      <span style={{ whiteSpace: 'nowrap' }}>{date(row.created_at)}</span>
      <Text size="xs" c="dimmed">
        <Actor actor={row.created_by} />
      </Text>
    </Stack>
  );
}

export function LastUsedCell({ row }: Cell) {
  return <TimeAgo at={row.last_used_at} />;
}

const UNKNOWN = '–';

export function UsageCell({ row }: Cell) {
  if (row.usage === null) return <span title="Cannot be told right now">{UNKNOWN}</span>;
  const used = money(row.usage, row.currency);
  if (row.budget === null) return <span className="number">{used}</span>;
  const limit = roundMoney(row.budget, row.currency);
  return (
    <Stack gap={5} maw={130} style={{ whiteSpace: 'nowrap' }}>
      <span className="number">{used}</span>
      <Meter label="All-time usage" share={shareOf(row.usage, row.budget)} text={`${used} of ${limit}`} />
      <Text size="xs" c="dimmed" className="number">
        of {limit}
      </Text>
    </Stack>
  );
}

export function PeriodCell({ row }: Cell) {
  const now = useNow();
  const { period, recurring_limit } = row;
  if (period === null || recurring_limit === null)
    return (
      <Text span inherit c="dimmed">
        None
      </Text>
    );
  const used = period.usage === null ? UNKNOWN : money(period.usage, row.currency);
  const limit = roundMoney(recurring_limit.amount, row.currency);
  return (
    <Stack gap={5} maw={180}>
      <span className="number">{used}</span>
      <Meter
        label="Usage of the current period"
        share={shareOf(period.usage ?? '0', recurring_limit.amount)}
        reserved={shareOf(period.reserved, recurring_limit.amount)}
        text={`${used} of ${limit}`}
      />
      <Text size="xs" c="dimmed">
        of {limit} · resets {relative(period.resets_at, now)}
      </Text>
    </Stack>
  );
}

export function LimitsCell({ row }: Cell) {
  const { budget, recurring_limit: every, rate_limit, token_limit, currency } = row;
  const lines = [
    budget !== null && `${roundMoney(budget, currency)} all-time`,
    every !== null && recurrenceOf(row),
    rate_limit !== null && `${rate_limit.toLocaleString('en')} RPM`,
    token_limit !== null && `${token_limit.toLocaleString('en')} TPM`,
  ].filter((line) => line !== false);
  if (lines.length === 0)
    return (
      <Text span inherit c="dimmed">
        The plan’s
      </Text>
    );
  return (
    <Stack gap={1} className="number" style={{ whiteSpace: 'nowrap' }}>
      {lines.map((line) => (
        <span key={line}>{line}</span>
      ))}
    </Stack>
  );
}

/** “$10 / 1 day”. */
export function recurrenceOf({ recurring_limit, currency }: Pick<Key, 'recurring_limit' | 'currency'>): string | null {
  if (recurring_limit === null) return null;
  const { amount, every, unit } = recurring_limit;
  return `${roundMoney(amount, currency)} / ${every} ${unit}${every === 1 ? '' : 's'}`;
}

export function RulesCell({ row }: Cell) {
  const count = row.iam_rules ?? 0;
  const label = count === 0 ? 'None' : count === 1 ? '1 rule' : `${count} rules`;
  return (
    <Tooltip label={count === 0 ? 'No rule of its own: every model of the project' : 'See and change the rules'}>
      <Anchor
        component={Link}
        to={`/keys/${row.id}?tab=rules`}
        size="sm"
        c={count === 0 ? 'dimmed' : undefined}
        fz={13}
      >
        {label}
      </Anchor>
    </Tooltip>
  );
}
