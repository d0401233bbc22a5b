import { Button, Center, Paper, PasswordInput, Stack, Text, TextInput, Title } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useDocumentTitle } from '@mantine/hooks';
import { useQueryClient } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { useState } from 'react';
import { Acceptance } from '#contracts/admin-people';
import { acceptInvitation } from '../../api/people.js';
import { SESSION } from '../../api/session.js';
import { Brand } from '../../parts/brand.js';
import { errorsOf, focusFirst } from '../../parts/form-errors.js';
import { ProblemView } from '../../parts/problem-view.js';
import { useAction } from '../../parts/use-action.js';

/** Where an invitation's link leads: a name and a password, and one is in. */
export function JoinPage() {
  useDocumentTitle('Join · Keyward');
  // Taken once: it is gone from the address as soon as it is used.
  const [token] = useState(() => window.location.hash.slice(1));
  const queries = useQueryClient();
  const router = useRouter();
  const joining = useAction(acceptInvitation);
  const form = useForm({
    initialValues: { name: '', password: '' },
    validate: (values) => errorsOf(Acceptance.pick({ name: true, password: true }), values),
  });
  const submit = async (values: { name: string; password: string }) => {
    const session = await joining.run({ token, ...values });
    if (!session) return;
    queries.clear();
    queries.setQueryData(SESSION, session);
    router.history.replace('/keys');
  };
  return (
    <Center component="main" mih="100dvh" p="md" bg="var(--keyward-sidebar)">
      <Stack w="100%" maw={400} gap="lg">
        <Center>
          <Brand size={30} />
        </Center>
        <Paper p="xl" radius="lg" shadow="xs">
          <form noValidate onSubmit={form.onSubmit((values) => void submit(values), focusFirst)}>
            <Stack>
              <Title order={1} size="h3">
                Join Keyward
              </Title>
              {token === '' && <Text size="sm">This address is not complete: open the link you were sent, whole.</Text>}
              {joining.error !== null && <ProblemView error={joining.error} />}
              <TextInput label="Your name" autoComplete="name" autoFocus {...form.getInputProps('name')} />
              <PasswordInput
                label="Password"
                description="At least 12 characters"
                autoComplete="new-password"
                visibilityToggleButtonProps={{ 'aria-label': 'Show or hide the password' }}
                {...form.getInputProps('password')}
              />
              <Button type="submit" loading={joining.pending} disabled={token === ''}>
                Join
              </Button>
            </Stack>
          </form>
        </Paper>
      </Stack>
    </Center>
  );
}
