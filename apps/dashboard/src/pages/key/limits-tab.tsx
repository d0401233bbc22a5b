import { Button, Group, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { Key } from '../../api/keys.js';
import { type Project, plans } from '../../api/projects.js';
import { usePermission } from '../../app/use-permission.js';
import facts from '../../parts/facts.module.css';
import { dateTime } from '../../parts/moments.js';
import { roundMoney } from '../../parts/money.js';
import { recurrenceOf } from '../keys/key-cells.js';
import type { OpenDialog } from '../keys/open-dialog.js';

interface LimitsTabProps {
  readonly of: Key;
  readonly project: Project | undefined;
  readonly open: (dialog: OpenDialog) => void;
}

/** Every limit that holds, and where it comes from: the key itself, its project, or the plan. */
export function LimitsTab({ of: key, project, open }: LimitsTabProps) {
  const may = usePermission('write');
  const { data = [] } = useQuery(plans);
  const plan = data.find(({ profile, name }) => profile === project?.profile && name === project?.plan);
  const from = (own: number | null, projects: number | null | undefined, plans: number | null | undefined) => {
    if (own !== null) return `${own.toLocaleString('en')}, the key’s own`;
    if (projects != null) return `${projects.toLocaleString('en')}, from the project`;
    return plans == null ? 'No limit' : `${plans.toLocaleString('en')}, from the plan “${plan?.name}”`;
  };
  return (
    <Stack gap="lg">
      <dl className={facts.list}>
        <dt>All-time usage limit</dt>
        <dd>{key.budget === null ? 'None' : roundMoney(key.budget, key.currency)}</dd>
        <dt>Recurring usage limit</dt>
        <dd>
          {recurrenceOf(key) ?? 'None'}
          {key.period && (
            <Text size="xs" c="dimmed">
              This period: {dateTime(key.period.started_at)} to {dateTime(key.period.resets_at)}
            </Text>
          )}
        </dd>
        <dt>Requests per minute</dt>
        <dd>{from(key.rate_limit, project?.defaults.rate_limit, plan?.rate_limit)}</dd>
        <dt>Tokens per minute</dt>
        <dd>{from(key.token_limit, project?.defaults.token_limit, plan?.token_limit)}</dd>
        <dt>Requests at once</dt>
        <dd>{from(key.max_parallel, project?.defaults.max_parallel, null)}</dd>
      </dl>
      {may.allowed && (
        <Group>
          <Button variant="default" size="sm" onClick={() => open({ kind: 'limits', key })}>
            Update limits
          </Button>
          <Button variant="default" size="sm" onClick={() => open({ kind: 'reset', key })}>
            Reset usage
          </Button>
        </Group>
      )}
    </Stack>
  );
}
