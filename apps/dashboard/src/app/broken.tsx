import { Center } from '@mantine/core';
import { type ErrorComponentProps, useRouter } from '@tanstack/react-router';
import { ProblemView } from '../parts/problem-view.js';

/** Where a page could not even begin. */
export function Broken({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  const again = () => {
    reset();
    void router.invalidate();
  };
  return (
    <Center mih="60vh" p="xl">
      <ProblemView error={error} retry={again} />
    </Center>
  );
}
