import { Alert, Button, Group, NumberInput, Select, Stack, Text } from '@mantine/core';
import { IconCheck, IconX } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { models } from '../../api/catalogue.js';
import { type Decision, explain } from '../../api/requests.js';
import { ProblemView } from '../../parts/problem-view.js';
import { useAction } from '../../parts/use-action.js';
import { Trace } from './trace.js';

/** A model, and how much: allowed or not, and what decides. */
export function CallTester({ keyId }: { readonly keyId: string | null }) {
  const { data: known } = useInfiniteQuery(models({}));
  const [model, setModel] = useState<string | null>(null);
  const [tokens, setTokens] = useState<number | string>('');
  const [decision, setDecision] = useState<Decision | null>(null);
  const asking = useAction(explain);
  const ask = async () => {
    if (keyId === null || model === null) return;
    setDecision(null);
    const told = await asking.run({ key_id: keyId, model, est_tokens: tokens === '' ? 0 : Number(tokens) });
    if (told) setDecision(told);
  };
  const names = known?.pages.flatMap(({ data }) => data.map(({ id }) => id)) ?? [];
  return (
    <Stack>
      <Group grow align="flex-end">
        <Select
          label="Model"
          placeholder="Choose a model"
          searchable
          limit={100}
          data={names}
          value={model}
          onChange={setModel}
        />
        <NumberInput
          label="Tokens of input"
          placeholder="0"
          min={0}
          allowDecimal={false}
          thousandSeparator=","
          value={tokens}
          onChange={setTokens}
        />
      </Group>
      <Group>
        <Button
          variant="default"
          loading={asking.pending}
          disabled={keyId === null || model === null}
          onClick={() => void ask()}
        >
          Test
        </Button>
      </Group>
      {asking.error !== null && <ProblemView error={asking.error} />}
      {decision && keyId && (
        <Stack gap="sm" aria-live="polite">
          <Alert
            variant="light"
            color={decision.decision === 'allow' ? 'teal' : 'red'}
            icon={decision.decision === 'allow' ? <IconCheck size={18} /> : <IconX size={18} />}
            title={decision.decision === 'allow' ? 'It would be let through' : 'It would be denied'}
          >
            {decision.code && (
              <Text size="sm" className="mono">
                {decision.code}
              </Text>
            )}
          </Alert>
          <Trace of={decision} keyId={keyId} />
        </Stack>
      )}
    </Stack>
  );
}
