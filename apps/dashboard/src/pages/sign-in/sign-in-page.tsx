import {
  Alert,
  Button,
  Center,
  Code,
  Divider,
  Paper,
  PasswordInput,
  Stack,
  Text,
  TextInput,
  Title,
} from '@mantine/core';
import { isEmail, isNotEmpty, useForm } from '@mantine/form';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, useRouter } from '@tanstack/react-router';
import { sentenceOf } from '../../api/problem.js';
import { SESSION, signIn, signInMethods } from '../../api/session.js';
import { Brand } from '../../parts/brand.js';
import { IconAlertCircle } from '../../parts/icons.js';

const route = getRouteApi('/sign-in');

export function SignInPage() {
  const queries = useQueryClient();
  const router = useRouter();
  const { next } = route.useSearch();
  const methods = useQuery(signInMethods);
  const form = useForm({
    mode: 'uncontrolled',
    initialValues: { email: '', password: '' },
    validate: {
      email: isEmail('Enter the e-mail address you were invited with.'),
      password: isNotEmpty('Enter your password.'),
    },
  });
  const entry = useMutation({
    mutationFn: signIn,
    onSuccess: (session) => {
      queries.clear();
      queries.setQueryData(SESSION, session);
      router.history.replace(ownPath(next));
    },
    onError: () => form.getInputNode('password')?.focus(),
  });

  return (
    <Center component="main" mih="100dvh" p="md" bg="var(--keyward-sidebar)">
      <Stack w="100%" maw={380} gap="lg">
        <Center>
          <Brand size={30} />
        </Center>
        <Paper p="xl" radius="lg" shadow="xs">
          <form onSubmit={form.onSubmit((values) => entry.mutate(values))} noValidate>
            <Stack gap="md">
              <Title order={1} size="h3">
                Sign in
              </Title>
              {entry.error && (
                <Alert role="alert" color="red" variant="light" icon={<IconAlertCircle size={18} />}>
                  {sentenceOf(entry.error)}
                </Alert>
              )}
              <TextInput
                label="E-mail"
                type="email"
                autoComplete="username"
                autoFocus
                key={form.key('email')}
                {...form.getInputProps('email')}
              />
              <PasswordInput
                label="Password"
                autoComplete="current-password"
                visibilityToggleButtonProps={{ 'aria-label': 'Show or hide the password' }}
                key={form.key('password')}
                {...form.getInputProps('password')}
              />
              <Button type="submit" loading={entry.isPending} fullWidth>
                Sign in
              </Button>
              {methods.data?.oidc && (
                <>
                  <Divider label="or" />
                  <Button component="a" href={methods.data.oidc} variant="default" fullWidth>
                    Continue with single sign-on
                  </Button>
                </>
              )}
            </Stack>
          </form>
        </Paper>
        <Text size="sm" c="dimmed" ta="center">
          First time here? <Code>npm start</Code> prints the owner’s e-mail and password. Everybody else comes in by an
          invitation.
        </Text>
      </Stack>
    </Center>
  );
}

/** Back to where one wanted to be, and never to another site. */
function ownPath(next: string | undefined): string {
  if (!next) return '/keys';
  const target = new URL(next, window.location.origin);
  return target.origin === window.location.origin ? target.pathname + target.search : '/keys';
}
