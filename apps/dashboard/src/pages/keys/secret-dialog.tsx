import { Alert, Button, Code, CopyButton, Group, Modal, Stack, Tabs, Text } from '@mantine/core';
import { IconAlertTriangle, IconCheck, IconCopy } from '@tabler/icons-react';
import { useState } from 'react';
import { SNIPPETS } from './snippets.js';
import { TestRequest } from './test-request.js';

interface SecretDialogProps {
  readonly name: string;
  readonly secret: string;
  readonly rotated: boolean;
  /** What did not work besides. */
  readonly warning?: string;
  readonly close: () => void;
}

/** The one time a secret is seen. It is in this component's props and nowhere else: not in the address, not in a cache. */
export function SecretDialog({ name, secret, rotated, warning, close }: SecretDialogProps) {
  const [copied, setCopied] = useState(false);
  const [asking, setAsking] = useState(false);
  const leave = () => (copied ? close() : setAsking(true));
  const origin = window.location.origin;
  return (
    <>
      <Modal
        opened
        onClose={leave}
        closeOnClickOutside={false}
        size={640}
        title={rotated ? `The new secret of “${name}”` : `“${name}” is ready`}
      >
        <Stack gap="md">
          {warning && (
            <Alert role="alert" color="red" variant="light" icon={<IconAlertTriangle size={18} />}>
              {warning}
            </Alert>
          )}
          <Alert color="yellow" variant="light" icon={<IconAlertTriangle size={18} />}>
            Copy it now: it is shown this once, and nobody can show it again.
          </Alert>
          <Group gap="xs" wrap="nowrap">
            <Code className="mono" fz={13} p="sm" flex={1} style={{ overflowWrap: 'anywhere' }} data-testid="secret">
              {secret}
            </Code>
            <CopyButton value={secret}>
              {({ copied: fresh, copy }) => (
                <Button
                  data-autofocus
                  leftSection={fresh ? <IconCheck size={16} /> : <IconCopy size={16} />}
                  onClick={() => {
                    copy();
                    setCopied(true);
                  }}
                >
                  {fresh ? 'Copied' : 'Copy key'}
                </Button>
              )}
            </CopyButton>
          </Group>
          <Tabs defaultValue={SNIPPETS[0]?.name} keepMounted={false}>
            <Tabs.List>
              {SNIPPETS.map((snippet) => (
                <Tabs.Tab key={snippet.name} value={snippet.name}>
                  {snippet.name}
                </Tabs.Tab>
              ))}
            </Tabs.List>
            {SNIPPETS.map((snippet) => {
              const text = snippet.text({ origin, secret, name });
              return (
                <Tabs.Panel key={snippet.name} value={snippet.name} pt="sm">
                  <Code block fz={12} mah={240} tabIndex={0} style={{ overflow: 'auto' }}>
                    {text}
                  </Code>
                  <CopyButton value={text}>
                    {({ copied: fresh, copy }) => (
                      <Button
                        mt="xs"
                        size="xs"
                        variant="default"
                        onClick={() => {
                          copy();
                          setCopied(true);
                        }}
                      >
                        {fresh ? 'Copied' : 'Copy snippet'}
                      </Button>
                    )}
                  </CopyButton>
                </Tabs.Panel>
              );
            })}
          </Tabs>
          <TestRequest secret={secret} />
          <Group justify="flex-end">
            <Button variant={copied ? 'filled' : 'default'} onClick={leave}>
              Done
            </Button>
          </Group>
        </Stack>
      </Modal>
      <Modal opened={asking} onClose={() => setAsking(false)} title="Close without copying the key?" zIndex={400}>
        <Stack>
          <Text size="sm">
            You have not copied it. Once closed, it cannot be shown again: you would have to rotate the key to get
            another.
          </Text>
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              Close anyway
            </Button>
            <Button data-autofocus onClick={() => setAsking(false)}>
              Go back and copy
            </Button>
          </Group>
        </Stack>
      </Modal>
    </>
  );
}
