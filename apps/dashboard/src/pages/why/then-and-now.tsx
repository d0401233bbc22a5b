import { Alert, Button, Group, Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type Decision, explained, type LoggedRequest } from '../../api/requests.js';
import { IconCheck, IconRefresh, IconX } from '../../parts/icons.js';
import { ProblemView } from '../../parts/problem-view.js';
import { Trace } from './trace.js';

interface ThenAndNowProps {
  readonly of: LoggedRequest;
  /** Null where nobody knows any more how it was decided. */
  readonly then: Decision | null;
}

/** How it was decided, and whether the same call would still be refused: what was changed since shows, and nothing is sent. */
export function ThenAndNow({ of: request, then }: ThenAndNowProps) {
  const { key_id, model, endpoint, stream, input_tokens } = request;
  const size = then?.call ?? { est_tokens: input_tokens };
  // A key that was refused at the door was not asked what it wanted.
  const isKeyOnly = model === '';
  const asked = useQuery(explained(isKeyOnly ? { key_id } : { key_id, model, endpoint, stream, ...size }));
  const allowed = asked.data?.decision === 'allow';
  const shown = then ?? asked.data;
  return (
    <Stack gap="sm">
      {asked.data && (
        <Alert
          role="status"
          variant="light"
          color={allowed ? 'teal' : 'red'}
          icon={allowed ? <IconCheck size={18} /> : <IconX size={18} />}
          title={allowed ? (isKeyOnly ? LET_IN : 'Now it would be let through') : 'Now it would still be denied'}
        />
      )}
      {asked.error && <ProblemView error={asked.error} />}
      {shown && <Trace of={shown} keyId={key_id} now={then ? asked.data : undefined} />}
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

const LET_IN = 'Now the key may make calls; what it wanted to call is not known';
