import { Alert, Autocomplete, Button, Group, NumberInput, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { useModelNames } from '../../api/model-names.js';
import { type Decision, explain } from '../../api/requests.js';
import { IconCheck, IconX } from '../../parts/icons.js';
import { ProblemView } from '../../parts/problem-view.js';
import { useAction } from '../../parts/use-action.js';
import { Trace } from './trace.js';

/** A model, and how much: allowed or not, and what decides. */
export function CallTester({ keyId }: { readonly keyId: string | null }) {
  const [written, setWritten] = useState('');
  const [tokens, setTokens] = useState<number | string>('');
  const [told, setTold] = useState<{ readonly of: string; readonly decision: Decision } | null>(null);
  const asking = useAction(explain);
  const model = written.trim();
  const names = useModelNames(written);
  // An answer is about what was asked: with anything else in the fields it is none.
  const question = JSON.stringify([keyId, model, tokens]);
  const decision = told?.of === question ? told.decision : null;
  const ask = async () => {
    if (keyId === null || model === '') return;
    setTold(null);
    const answer = await asking.run({ key_id: keyId, model, est_tokens: tokens === '' ? 0 : Number(tokens) });
    if (answer) setTold({ of: question, decision: answer });
  };
  return (
    <Stack>
      <Group grow align="flex-end">
        <Autocomplete
          label="Model"
          placeholder="Choose a model, or write one"
          limit={100}
          data={[...names]}
          value={written}
          onChange={setWritten}
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
          disabled={keyId === null || model === ''}
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
