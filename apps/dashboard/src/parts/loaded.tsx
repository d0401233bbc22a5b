import { Skeleton, Stack } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { ProblemView } from './problem-view.js';

interface LoadedProps<Data> {
  readonly of: UseQueryResult<Data>;
  readonly label: string;
  readonly children: (data: Data) => ReactNode;
}

/** What was asked for; until it is there, its outline; where it does not come, why. What one saw already stays, dated. */
export function Loaded<Data>({ of: found, label, children }: LoadedProps<Data>) {
  const retry = () => void found.refetch();
  if (found.isPending)
    return (
      <Stack gap={8} role="status" aria-busy="true" aria-label={`Loading ${label}`}>
        <Skeleton height={40} radius="md" />
        <Skeleton height={40} radius="md" />
        <Skeleton height={40} radius="md" />
      </Stack>
    );
  if (found.data === undefined) return <ProblemView error={found.error} retry={retry} />;
  return (
    <Stack gap="md">
      {found.error && <ProblemView error={found.error} retry={retry} staleSince={found.dataUpdatedAt} />}
      {children(found.data)}
    </Stack>
  );
}
