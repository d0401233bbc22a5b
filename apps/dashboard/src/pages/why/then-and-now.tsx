import { Alert, Button, Group, Stack } from '@mantine/core';
import { IconCheck, IconRefresh, IconX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { type Decision, explained, type LoggedRequest } from '../../api/requests.js';
import { ProblemView } from '../../parts/problem-view.js';
import { Trace } from './trace.js';

interface ThenAndNowProps {
  readonly of: LoggedRequest;
  readonly then: Decision;
}

/** How it was decided, and whether the same call would still be refused: what was changed since shows, and nothing is sent. */
export function ThenAndNow({ of: { key_id, model, input_tokens }, then }: ThenAndNowProps) {
  const asked = useQuery(explained({ key_id, model, est_tokens: input_tokens }));
  const allowed = asked.data?.decision === 'allow';
  return (
    <Stack gap="sm">
      {asked.data && (
        <Alert
          role="status"
          variant="light"
          color={allowed ? 'teal' : 'red'}
          icon={allowed ? <IconCheck size={18} /> : <IconX size={18} />}
          title={allowed ? 'Now it would be let through' : 'Now it would still be denied'}
        />
      )}
      {asked.error && <ProblemView error={asked.error} />}
      <Trace of={then} keyId={key_id} now={asked.data} />
      <Group>
        <Button
          size="xs"
          variant="default"
          leftSection={<IconRefresh size={14} />}
          loading={asked.isFetching}
          onClick={() => void asked.refetch()}
        >
          Ask again
        </Button>
      </Group>
    </Stack>
  );
}
