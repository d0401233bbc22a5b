import { Modal, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Subject } from '../api/changed.js';
import { DialogButtons } from './dialog-buttons.js';
import { ProblemView } from './problem-view.js';
import { useChange } from './use-change.js';

interface AskProps {
  readonly title: string;
  readonly label: string;
  readonly act: () => Promise<unknown>;
  readonly changes: Subject | readonly Subject[];
  readonly close: () => void;
  /** What will come of it. */
  readonly children: ReactNode;
}

/** One question before something that cannot be taken back. */
export function Ask({ title, label, act, changes, close, children }: AskProps) {
  const deed = useChange(
    async () => {
      await act();
      return true;
    },
    ...[changes].flat(),
  );
  const submit = async () => {
    if (await deed.run()) close();
  };
  return (
    <Modal opened onClose={close} title={title}>
      <Stack>
        {deed.error !== null && <ProblemView error={deed.error} />}
        <Text size="sm">{children}</Text>
        <DialogButtons label={label} color="red" pending={deed.pending} cancel={close} act={() => void submit()} />
      </Stack>
    </Modal>
  );
}
