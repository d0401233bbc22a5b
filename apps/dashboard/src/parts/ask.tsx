import { Modal, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { DialogButtons } from './dialog-buttons.js';
import { ProblemView } from './problem-view.js';
import { useAction } from './use-action.js';

interface AskProps {
  readonly title: string;
  readonly label: string;
  readonly act: () => Promise<unknown>;
  readonly done: () => unknown;
  readonly close: () => void;
  /** What will come of it. */
  readonly children: ReactNode;
}

/** One question before something that cannot be taken back. */
export function Ask({ title, label, act, done, close, children }: AskProps) {
  const deed = useAction(async () => {
    await act();
    return true;
  });
  const submit = async () => {
    if (!(await deed.run())) return;
    close();
    done();
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
