import { Alert, Button, Code, Group, Modal, Stack, Text } from '@mantine/core';
import { useBlocker } from '@tanstack/react-router';
import { useRef, useState } from 'react';
import { CopyRefused } from '../../parts/copy-refused.js';
import { IconAlertTriangle, IconCheck, IconCopy } from '../../parts/icons.js';
import { isSelected, useCopy } from '../../parts/use-copy.js';
import { FirstCalls } from './first-calls.js';
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
  const [closing, setClosing] = useState(false);
  const shown = useRef<HTMLElement>(null);
  const { isFresh, isRefused, copy } = useCopy(secret, shown, () => setCopied(true));
  // Whichever way one leaves: the browser's own question is for those it lets us ask nothing.
  const away = useBlocker({ shouldBlockFn: () => !copied, enableBeforeUnload: () => !copied, withResolver: true });
  const isAsking = closing || away.status === 'blocked';
  const leave = () => (copied ? close() : setClosing(true));
  return (
    <>
      <Modal
        opened
        onClose={leave}
        closeOnClickOutside={false}
        closeOnEscape={!isAsking}
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
            <Code
              ref={shown}
              className="mono"
              fz={13}
              p="sm"
              flex={1}
              style={{ overflowWrap: 'anywhere' }}
              data-testid="secret"
              onCopy={() => isSelected(secret) && setCopied(true)}
            >
              {secret}
            </Code>
            <Button
              data-autofocus
              leftSection={isFresh ? <IconCheck size={16} /> : <IconCopy size={16} />}
              onClick={() => void copy()}
            >
              {isFresh ? 'Copied' : 'Copy key'}
            </Button>
          </Group>
          {isRefused && !copied && <CopyRefused />}
          <FirstCalls name={name} secret={secret} copied={() => setCopied(true)} />
          <TestRequest secret={secret} />
          <Group justify="flex-end">
            <Button variant={copied ? 'filled' : 'default'} onClick={leave}>
              Done
            </Button>
          </Group>
        </Stack>
      </Modal>
      {/* Only while it asks: the key press that opened it would close it again. */}
      {isAsking && (
        <Question
          stay={() => {
            setClosing(false);
            away.reset?.();
          }}
          leave={() => {
            close();
            away.proceed?.();
          }}
        />
      )}
    </>
  );
}

function Question({ stay, leave }: { readonly stay: () => void; readonly leave: () => void }) {
  return (
    <Modal opened onClose={stay} title="Close without copying the key?" zIndex={400}>
      <Stack>
        <Text size="sm">
          You have not copied it. Once closed, it cannot be shown again: you would have to rotate the key to get
          another.
        </Text>
        <Group justify="flex-end">
          <Button variant="default" onClick={leave}>
            Close anyway
          </Button>
          <Button data-autofocus onClick={stay}>
            Go back and copy
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
