import { Button, Group, Stack, Table, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { Schemas } from '../../api/client.js';
import { type Key, limitsOfKey } from '../../api/keys.js';
import { type Project, plans } from '../../api/projects.js';
import { usePermission } from '../../app/use-permission.js';
import { Loaded } from '../../parts/loaded.js';
import { Meter } from '../../parts/meter.js';
import { lengthOf } from '../../parts/moments.js';
import { money, roundMoney, shareOf } from '../../parts/money.js';
import { TableFrame } from '../../parts/table-frame.js';
import { useNow } from '../../parts/use-now.js';
import { recurrenceOf } from '../keys/key-cells.js';
import type { OpenDialog } from '../keys/open-dialog.js';

interface LimitsTabProps {
  readonly of: Key;
  readonly project: Project | undefined;
  readonly open: (dialog: OpenDialog) => void;
}

/** Every limit that holds, what is left of it, and where it comes from: the key itself, its project, the plan, the credits. */
export function LimitsTab({ of: key, project, open }: LimitsTabProps) {
  const may = usePermission('write');
  const found = useQuery(limitsOfKey(key.id));
  const from = useOrigins(key, project);
  return (
    <Stack gap="md">
      {/* Above what is still being read: below it, it would move away from under a click. */}
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
      <Loaded of={found} label="limits">
        {(limits) => (
          <TableFrame label="Limits" minWidth={700}>
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Limit</Table.Th>
                <Table.Th>How much</Table.Th>
                <Table.Th>Used</Table.Th>
                <Table.Th ta="right">Left</Table.Th>
                <Table.Th>From</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              <Money label="All-time usage" of={limits.budget} from="the key" currency={key.currency} />
              <Money
                label="Recurring usage"
                of={limits.recurring_limit}
                from="the key"
                currency={key.currency}
                written={recurrenceOf(key)}
              />
              <Count label="Requests per minute" of={limits.rate_limit} from={from('rate_limit')} />
              <Count label="Tokens per minute" of={limits.token_limit} from={from('token_limit')} />
              <Count label="Requests at once" of={limits.max_parallel} from={from('max_parallel')} />
              {limits.project_budget && (
                <Money
                  label="All-time, of all keys"
                  of={limits.project_budget}
                  from="the project"
                  currency={key.currency}
                />
              )}
              {limits.project_recurring_limit && (
                <Money
                  label="Recurring, of all keys"
                  of={limits.project_recurring_limit}
                  from="the project"
                  currency={key.currency}
                  written={project && recurrenceOf(project)}
                />
              )}
              {limits.credits && (
                <Money label="Credits" of={limits.credits} from="the organization" currency={key.currency} />
              )}
            </Table.Tbody>
          </TableFrame>
        )}
      </Loaded>
    </Stack>
  );
}

type RateName = 'rate_limit' | 'token_limit' | 'max_parallel';

/** Whose word counts for a rate: the first that says something. */
function useOrigins(key: Key, project: Project | undefined): (name: RateName) => string {
  const { data = [] } = useQuery(plans);
  const plan = data.find(({ profile, name }) => profile === project?.profile && name === project?.plan);
  return (name) => {
    if (key[name] !== null) return 'the key';
    return project?.defaults[name] == null ? `the plan “${plan?.name ?? project?.plan ?? ''}”` : 'the project';
  };
}

interface RowProps<Left> {
  readonly label: string;
  readonly of: Left | null;
  readonly from: string;
}

function Count({ label, of: left, from }: RowProps<Schemas['CountLeft']>) {
  if (left === null) return <None label={label} />;
  const { limit_value, used, reserved, remaining } = left;
  const taken = (used + reserved).toLocaleString('en');
  const limit = limit_value.toLocaleString('en');
  return (
    <Table.Tr>
      <Table.Td fw={550}>{label}</Table.Td>
      <Table.Td className="number">{limit}</Table.Td>
      <Used label={label} share={(used + reserved) / limit_value} text={`${taken} of ${limit}`} figure={taken} />
      <Table.Td ta="right" className="number">
        {remaining.toLocaleString('en')}
      </Table.Td>
      <Table.Td>{from}</Table.Td>
    </Table.Tr>
  );
}

interface MoneyProps extends RowProps<Schemas['MoneyLeft']> {
  readonly currency: string;
  /** How it is said elsewhere: “$10 / 1 day”. */
  readonly written?: string | null | undefined;
}

function Money({ label, of: left, from, currency, written }: MoneyProps) {
  const now = useNow(1000);
  if (left === null) return <None label={label} />;
  const { limit_value, used, reserved, remaining, resets_at } = left;
  const limit = written ?? roundMoney(limit_value, currency);
  const figure = money(used, currency);
  const held = shareOf(reserved, limit_value);
  return (
    <Table.Tr>
      <Table.Td fw={550}>
        {label}
        {resets_at && (
          <Text size="xs" c="dimmed">
            Resets in {lengthOf(Date.parse(resets_at) - now)}
          </Text>
        )}
      </Table.Td>
      <Table.Td className="number">{limit}</Table.Td>
      <Used
        label={label}
        share={shareOf(used, limit_value)}
        reserved={held}
        text={`${figure} of ${limit}`}
        figure={held > 0 ? `${figure} and ${money(reserved, currency)} reserved` : figure}
      />
      <Table.Td ta="right" className="number">
        {money(remaining, currency)}
      </Table.Td>
      <Table.Td>{from}</Table.Td>
    </Table.Tr>
  );
}

interface UsedProps {
  readonly label: string;
  readonly share: number;
  readonly reserved?: number;
  readonly text: string;
  readonly figure: string;
}

function Used({ label, share, reserved, text, figure }: UsedProps) {
  return (
    <Table.Td className="number">
      <Stack gap={5} maw={220}>
        {figure}
        <Meter label={label} share={share} reserved={reserved} text={text} />
      </Stack>
    </Table.Td>
  );
}

function None({ label }: { readonly label: string }) {
  return (
    <Table.Tr>
      <Table.Td fw={550}>{label}</Table.Td>
      <Table.Td colSpan={4} c="dimmed">
        No limit
      </Table.Td>
    </Table.Tr>
  );
}
