import { useMediaQuery } from '@mantine/hooks';

/** Too narrow for a table: what stands beside the rest elsewhere stands below it here. */
export function useIsPhone(): boolean {
  return useMediaQuery('(max-width: 48em)', undefined, { getInitialValueInEffect: false });
}
