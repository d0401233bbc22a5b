import { Badge, Group, Skeleton, Stack, Table, Text, UnstyledButton } from '@mantine/core';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { namesOfKeys } from '../../api/key-names.js';
import { type LoggedRequest, type RequestQuery, requests } from '../../api/requests.js';
import { IconListDetails } from '../../parts/icons.js';
import { KeyName } from '../../parts/key-name.js';
import { money } from '../../parts/money.js';
import { More } from '../../parts/more.js';
import { Nothing } from '../../parts/nothing.js';
import opener from '../../parts/opener.module.css';
import { ProblemView } from '../../parts/problem-view.js';
import { TableFrame } from '../../parts/table-frame.js';
import { TimeAgo } from '../../parts/time-ago.js';
import { useIsPhone } from '../../parts/use-is-phone.js';
import { LiveBar } from './live-bar.js';
import styles from './request-list.module.css';
import { OUTCOME_LABELS } from './request-search.js';

interface RequestListProps {
  readonly query: RequestQuery;
  readonly open: (id: string) => void;
  /** Where they are all of one key. */
  readonly withoutKey?: boolean;
}

export function RequestList({ query, open, withoutKey = false }: RequestListProps) {
  const [live, setLive] = useState(true);
  const found = useInfiniteQuery(requests(query, live));
  const all = found.data?.pages.flatMap(({ data }) => data) ?? [];
  const asOf = found.data?.pages[0]?.as_of;
  const { data: names } = useQuery(namesOfKeys(withoutKey ? [] : all.map(({ key_id }) => key_id)));
  const isPhone = useIsPhone();
  const retry = () => void found.refetch();
  if (found.isPending) return <Skeleton height={260} radius="md" />;
  if (!found.data) return <ProblemView error={found.error} retry={retry} />;
  return (
    <Stack gap="sm">
      {found.error && <ProblemView error={found.error} retry={retry} staleSince={found.dataUpdatedAt} />}
      <LiveBar live={live} change={setLive} asOf={asOf} readAt={found.dataUpdatedAt} />
      {all.length === 0 ? (
        <Nothing
          icon={<IconListDetails size={28} stroke={1.4} />}
          title={found.hasNextPage ? 'None in the newest part of the log' : 'No request fits'}
        >
          <Text size="sm" c="dimmed">
            Requests appear here a moment after they end, denied ones as well.
          </Text>
        </Nothing>
      ) : isPhone ? (
        <Stack gap="xs" component="ul" className={styles.cards}>
          {all.map((request) => (
            <Card key={request.id} of={request} open={open} withoutKey={withoutKey} name={names?.get(request.key_id)} />
          ))}
        </Stack>
      ) : (
        <TableFrame label="Requests" minWidth={withoutKey ? 900 : 1020}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Time</Table.Th>
              {!withoutKey && <Table.Th>Key</Table.Th>}
              <Table.Th>Model</Table.Th>
              <Table.Th>Provider</Table.Th>
              <Table.Th>Outcome</Table.Th>
              <Table.Th ta="right">Tokens in / out</Table.Th>
              <Table.Th ta="right">Cost</Table.Th>
              <Table.Th ta="right">Latency</Table.Th>
              <Table.Th ta="right">First token</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {all.map((request) => (
              <Row
                key={request.id}
                of={request}
                open={open}
                withoutKey={withoutKey}
                name={names?.get(request.key_id)}
              />
            ))}
          </Table.Tbody>
        </TableFrame>
      )}
      <More of={found} label={all.length === 0 ? 'Look further back' : 'Show older'} />
    </Stack>
  );
}

interface RowProps {
  readonly of: LoggedRequest;
  readonly open: (id: string) => void;
  readonly withoutKey: boolean;
  /** What its key is called. */
  readonly name: string | undefined;
}

function Row({ of: request, open, withoutKey, name }: RowProps) {
  const { provider, own_key, input_tokens, output_tokens } = request;
  return (
    <Table.Tr>
      <Table.Td style={{ whiteSpace: 'nowrap' }}>
        <Opener of={request} open={open} />
      </Table.Td>
      {!withoutKey && (
        <Table.Td>
          <KeyName id={request.key_id} name={name} />
        </Table.Td>
      )}
      <Table.Td className="mono" fz={12}>
        {modelOf(request)}
      </Table.Td>
      <Table.Td>
        {provider ?? '–'}
        {own_key && (
          <Text size="xs" c="dimmed">
            own key
          </Text>
        )}
      </Table.Td>
      <Table.Td>
        <Outcome of={request} />
      </Table.Td>
      <Table.Td ta="right" className="number">
        {input_tokens.toLocaleString('en')} / {output_tokens.toLocaleString('en')}
      </Table.Td>
      <Table.Td ta="right" className="number">
        {costOf(request)}
      </Table.Td>
      <Table.Td ta="right" className="number">
        {seconds(request.duration_ms)}
      </Table.Td>
      <Table.Td ta="right" className="number">
        {request.first_byte_ms === null ? '–' : seconds(request.first_byte_ms)}
      </Table.Td>
    </Table.Tr>
  );
}

/** The same on a phone: what one looks for first, and all else in its details. */
function Card({ of: request, open, withoutKey, name }: RowProps) {
  return (
    <li className={styles.card}>
      <Group justify="space-between" wrap="nowrap">
        <Opener of={request} open={open} />
        <span className="number">{costOf(request)}</span>
      </Group>
      <Text className={`mono ${styles.model}`} fz={12}>
        {modelOf(request)}
      </Text>
      <Group justify="space-between" align="flex-start" gap="xs">
        <Outcome of={request} />
        {!withoutKey && <KeyName id={request.key_id} name={name} />}
      </Group>
    </li>
  );
}

function Opener({ of: { id, at }, open }: Pick<RowProps, 'of' | 'open'>) {
  return (
    <UnstyledButton className={opener.open} onClick={() => open(id)}>
      <TimeAgo at={at} />
      <span className="unseen">: details of request {id}</span>
    </UnstyledButton>
  );
}

function modelOf({ model, served_model }: LoggedRequest): string {
  return served_model === null || served_model === model ? model : `${model} → ${served_model}`;
}

function costOf({ unpriced, cost, currency }: LoggedRequest): string {
  return unpriced ? 'unknown' : money(cost, currency);
}

export function Outcome({ of: { outcome, status, code } }: { readonly of: LoggedRequest }) {
  return (
    <Stack gap={2} align="flex-start">
      <Badge className={styles.outcome} data-outcome={outcome} variant="unstyled">
        {status} {OUTCOME_LABELS[outcome]}
      </Badge>
      {code !== null && (
        <Text size="xs" c="dimmed" className="mono">
          {code}
        </Text>
      )}
    </Stack>
  );
}

export function seconds(milliseconds: number): string {
  return milliseconds < 1000 ? `${milliseconds} ms` : `${(milliseconds / 1000).toFixed(1)} s`;
}
