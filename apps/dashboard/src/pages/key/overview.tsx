import { Alert, Button, Group, SimpleGrid, Stack, Text } from '@mantine/core';
import type { Key } from '../../api/keys.js';
import { Actor } from '../../parts/actor.js';
import facts from '../../parts/facts.module.css';
import { IconAlertTriangle } from '../../parts/icons.js';
import { dateTime, lengthOf } from '../../parts/moments.js';
import { money, remaining, roundMoney, shareOf } from '../../parts/money.js';
import { TimeAgo } from '../../parts/time-ago.js';
import { useNow } from '../../parts/use-now.js';
import type { OpenDialog } from '../keys/open-dialog.js';
import { Gauge } from './gauge.js';
import { sentenceOf } from './key-sentence.js';
import { KeyUsage } from './key-usage.js';
import { LiveLimits } from './live-limits.js';

interface OverviewProps {
  readonly of: Key;
  readonly open: (dialog: OpenDialog) => void;
}

export function Overview({ of: key, open }: OverviewProps) {
  const now = useNow(1000);
  return (
    <Stack gap="lg">
      <Text>{sentenceOf(key, now)}</Text>
      {key.leaked_at && (
        <Alert color="red" variant="light" icon={<IconAlertTriangle size={18} />} title="Found in public">
          <Group justify="space-between">
            <Text size="sm">
              Its secret was reported on {dateTime(key.leaked_at)}. Rotate it, even if it is disabled.
            </Text>
            <Button size="xs" color="red" onClick={() => open({ kind: 'rotate', key })}>
              Rotate now
            </Button>
          </Group>
        </Alert>
      )}
      {key.rotation_due && (
        <Alert color="yellow" variant="light" icon={<IconAlertTriangle size={18} />}>
          Its secret is from {dateTime(key.secret_created_at)}: it is time to rotate it.
        </Alert>
      )}
      <SimpleGrid cols={{ base: 1, xs: 2, lg: 4 }} spacing="md">
        <AllTime of={key} />
        <Period of={key} now={now} />
        <LiveLimits of={key} />
      </SimpleGrid>
      <KeyUsage of={key} />
      <dl className={facts.list}>
        <dt>Last used</dt>
        <dd>
          <TimeAgo at={key.last_used_at} />
        </dd>
        <dt>Requests</dt>
        <dd className="number">{key.requests?.toLocaleString('en') ?? 'Cannot be told right now'}</dd>
        <dt>Created</dt>
        <dd>
          {dateTime(key.created_at)} by <Actor actor={key.created_by} />
        </dd>
        <dt>Expires</dt>
        <dd>{key.expires_at === null ? 'Never' : dateTime(key.expires_at)}</dd>
        <dt>Secret from</dt>
        <dd>{dateTime(key.secret_created_at)}</dd>
        <dt>May</dt>
        <dd>{key.scopes.join(', ')}</dd>
        <dt>Tags</dt>
        <dd>
          {Object.entries(key.tags)
            .map(([name, value]) => (value === '' ? name : `${name}: ${value}`))
            .join(', ') || 'None'}
        </dd>
      </dl>
    </Stack>
  );
}

function AllTime({ of: { usage, budget, currency } }: Pick<OverviewProps, 'of'>) {
  if (usage === null) return <Gauge label="All-time usage" figure="–" note="Cannot be told right now" />;
  if (budget === null) return <Gauge label="All-time usage" figure={money(usage, currency)} note="No all-time limit" />;
  const left = money(remaining(budget, usage), currency);
  return (
    <Gauge
      label="All-time usage"
      figure={money(usage, currency)}
      note={`of ${roundMoney(budget, currency)}; ${left} left`}
      share={shareOf(usage, budget)}
    />
  );
}

function Period({
  of: { period, recurring_limit, currency },
  now,
}: Pick<OverviewProps, 'of'> & { readonly now: number }) {
  if (period === null || recurring_limit === null)
    return <Gauge label="Current period" figure="–" note="No recurring limit" />;
  if (period.usage === null) return <Gauge label="Current period" figure="–" note="Cannot be told right now" />;
  const { amount } = recurring_limit;
  const left = money(remaining(amount, period.usage, period.reserved), currency);
  const held = shareOf(period.reserved, amount) > 0 ? `, ${money(period.reserved, currency)} reserved` : '';
  return (
    <Gauge
      label="Current period"
      figure={money(period.usage, currency)}
      note={`of ${roundMoney(amount, currency)}${held}; ${left} left. Resets in ${lengthOf(Date.parse(period.resets_at) - now)}`}
      share={shareOf(period.usage, amount)}
      reserved={shareOf(period.reserved, amount)}
    />
  );
}
