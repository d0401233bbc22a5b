import { Alert, Button, Group, Stack } from '@mantine/core';
import { IconCheck, IconX } from '@tabler/icons-react';
import { useState } from 'react';
import { type Decision, explain, type LoggedRequest } from '../../api/requests.js';
import { ProblemView } from '../../parts/problem-view.js';
import { useAction } from '../../parts/use-action.js';
import { Trace } from './trace.js';

/** Whether the same call would still be refused: what was changed since shows, and nothing is sent. */
export function Now({ of: { key_id, model, input_tokens } }: { readonly of: LoggedRequest }) {
  const asking = useAction(explain);
  const [decision, setDecision] = useState<Decision | null>(null);
  const ask = async () => {
    const told = await asking.run({ key_id, model, est_tokens: input_tokens });
    if (told) setDecision(told);
  };
  const allowed = decision?.decision === 'allow';
  return (
    <Stack gap="sm">
      <Group>
        <Button size="xs" variant="default" loading={asking.pending} onClick={() => void ask()}>
          And now?
        </Button>
      </Group>
      {asking.error !== null && <ProblemView error={asking.error} />}
      {decision && (
        <Stack gap="sm" aria-live="polite">
          <Alert
            variant="light"
            color={allowed ? 'teal' : 'red'}
            icon={allowed ? <IconCheck size={18} /> : <IconX size={18} />}
            title={allowed ? 'Now it would be let through' : 'Now it would still be denied'}
          />
          <Trace of={decision} keyId={key_id} />
        </Stack>
      )}
    </Stack>
  );
}
