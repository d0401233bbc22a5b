import { Alert, Anchor, Button, Code, Group, Stack, Text } from '@mantine/core';
import { ApiProblem, sentenceOf } from '../api/problem.js';
import { IconAlertTriangle, IconLock, IconRefresh } from './icons.js';
import { dateTime } from './moments.js';
import { isScope, rolesWith } from './roles.js';

interface ProblemViewProps {
  readonly error: unknown;
  readonly retry?: () => void;
  /** Of what still stands below: the time it was read, in milliseconds. */
  readonly staleSince?: number;
}

/** Something went wrong: what, what one can do about it, and the name of the request for whoever is asked for help. */
export function ProblemView({ error, retry, staleSince }: ProblemViewProps) {
  const problem = error instanceof ApiProblem ? error : null;
  const refused = problem?.status === 403;
  return (
    <Alert
      role="alert"
      variant="light"
      color={refused ? 'yellow' : 'red'}
      icon={refused ? <IconLock size={18} /> : <IconAlertTriangle size={18} />}
      title={titleOf(problem)}
      w="100%"
      maw={640}
    >
      <Stack gap="xs" align="flex-start">
        <Text size="sm">{sentenceOf(error)}</Text>
        {refused && isScope(problem.details.needed) && (
          <Text size="sm">
            It takes the role {rolesWith(problem.details.needed)}: an owner or admin can give it to you.
          </Text>
        )}
        {problem?.code === 'unauthenticated' && (
          <Text size="sm">
            <Anchor href="/sign-in" target="_blank" inherit underline="always">
              Sign in in another tab
            </Anchor>
            , and try again here: nothing you have typed is lost.
          </Text>
        )}
        {staleSince !== undefined && <Text size="sm">What you see is from {dateTime(staleSince)}.</Text>}
        <Group gap="sm">
          {retry && (
            <Button size="xs" variant="default" leftSection={<IconRefresh size={14} />} onClick={retry}>
              Retry
            </Button>
          )}
          {problem?.requestId && (
            <Text size="xs" c="dimmed">
              Request <Code>{problem.requestId}</Code>
            </Text>
          )}
        </Group>
      </Stack>
    </Alert>
  );
}

function titleOf(problem: ApiProblem | null): string {
  switch (problem?.status) {
    case 0:
      return 'No connection';
    case 403:
      return 'Your role does not allow this';
    case 404:
      return 'Not found';
    default:
      return problem?.isPassing ? 'A part of Keyward is not available' : 'This did not work';
  }
}
