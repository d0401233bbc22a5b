import { Alert, Button, Group, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { firstCall } from '../../api/first-call.js';
import { sentenceOf } from '../../api/problem.js';
import { IconSend } from '../../parts/icons.js';
import { useChange } from '../../parts/use-change.js';

/** Whether it works, before one goes and puts it somewhere. A real request, which counts like every other. */
export function TestRequest({ secret }: { readonly secret: string }) {
  const [model, setModel] = useState('echo');
  const [said, setSaid] = useState<string | null>(null);
  const call = useChange(firstCall, 'keys');
  const send = async () => {
    setSaid(null);
    const reply = await call.run(secret, model);
    if (!reply) return;
    setSaid(`It works: ${reply.model} answered after ${reply.milliseconds} ms, with ${reply.tokens} tokens.`);
  };
  return (
    <>
      <Group align="flex-end" gap="xs">
        <TextInput
          label="Send a test request"
          description="To this model; it counts like every other request."
          flex={1}
          value={model}
          onChange={({ currentTarget }) => setModel(currentTarget.value)}
        />
        <Button
          variant="default"
          leftSection={<IconSend size={15} />}
          loading={call.pending}
          onClick={() => void send()}
        >
          Send
        </Button>
      </Group>
      {said && (
        <Text size="sm" role="status" c="teal.9">
          {said}
        </Text>
      )}
      {call.error !== null && (
        <Alert role="alert" color="red" variant="light">
          {sentenceOf(call.error)}
        </Alert>
      )}
    </>
  );
}
