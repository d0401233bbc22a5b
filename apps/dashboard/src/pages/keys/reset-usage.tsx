import { Modal, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { type Key, resetUsage } from '../../api/keys.js';
import { DialogButtons } from '../../parts/dialog-buttons.js';
import { money } from '../../parts/money.js';
import { ProblemView } from '../../parts/problem-view.js';
import { useChange } from '../../parts/use-change.js';

export function ResetUsage({ of: key, close }: { readonly of: Key; readonly close: () => void }) {
  const reset = useChange(resetUsage, 'keys');
  const submit = async () => {
    if (!(await reset.run(key))) return;
    notifications.show({ message: `The usage of “${key.name}” counts from zero again.` });
    close();
  };
  const spent = key.usage === null ? 'What it has spent' : `The ${money(key.usage, key.currency)} it has spent`;
  return (
    <Modal opened onClose={close} title={`Reset the usage of “${key.name}”?`}>
      <Stack>
        {reset.error !== null && <ProblemView error={reset.error} />}
        <Text size="sm">
          {spent} no longer counts towards its limits, all-time or recurring. The record of every request stays, and so
          does this reset, in the audit log.
        </Text>
        <DialogButtons label="Reset usage" pending={reset.pending} cancel={close} act={() => void submit()} />
      </Stack>
    </Modal>
  );
}
