import { Button, Group, Modal, PasswordInput, Stack } from '@mantine/core';
import { useForm } from '@mantine/form';
import { notifications } from '@mantine/notifications';
import { changePassword } from '../api/session.js';
import { focusFirst } from '../parts/form-errors.js';
import { ProblemView } from '../parts/problem-view.js';
import { useAction } from '../parts/use-action.js';
import { useRefused } from '../parts/use-refused.js';

export function PasswordDialog({ close }: { readonly close: () => void }) {
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { current_password: '', new_password: '' },
    validate: {
      current_password: (text) => (text === '' ? 'Enter the password you have now.' : null),
      new_password: (text) => (text.length < 12 ? 'At least 12 characters.' : null),
    },
  });
  const change = useAction(changePassword);
  const elsewhere = useRefused(form, change.error);
  const submit = async (values: { current_password: string; new_password: string }) => {
    if (!(await change.run(values))) return;
    close();
    notifications.show({ message: 'Your password is changed. You are signed out everywhere else.' });
  };
  return (
    <Modal opened onClose={close} title="Change password">
      <form onSubmit={form.onSubmit((values) => void submit(values), focusFirst)} noValidate>
        <Stack>
          {elsewhere !== null && <ProblemView error={elsewhere} />}
          <PasswordInput
            label="Current password"
            autoComplete="current-password"
            data-autofocus
            key={form.key('current_password')}
            {...form.getInputProps('current_password')}
          />
          <PasswordInput
            label="New password"
            description="At least 12 characters"
            autoComplete="new-password"
            key={form.key('new_password')}
            {...form.getInputProps('new_password')}
          />
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              Cancel
            </Button>
            <Button type="submit" loading={change.pending}>
              Change password
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
