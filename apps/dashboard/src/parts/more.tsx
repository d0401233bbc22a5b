import { Button, Center } from '@mantine/core';

interface MoreProps {
  /** A list that is read a page at a time. */
  readonly of: {
    readonly hasNextPage: boolean;
    readonly isFetchingNextPage: boolean;
    readonly fetchNextPage: () => Promise<unknown>;
  };
  readonly label?: string;
}

/** The rest of a list, where there is any. */
export function More({ of: list, label = 'Show more' }: MoreProps) {
  if (!list.hasNextPage) return null;
  return (
    <Center>
      <Button variant="default" size="xs" loading={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
        {label}
      </Button>
    </Center>
  );
}
