import { useDebouncedValue } from '@mantine/hooks';
import { useInfiniteQuery } from '@tanstack/react-query';
import { models } from './catalogue.js';

const PAUSE_MILLISECONDS = 250;

/** The names of the catalogue that have what is typed in them: the server looks, there may be thousands. */
export function useModelNames(typed: string): readonly string[] {
  const [q] = useDebouncedValue(typed.replaceAll('*', '').trim(), PAUSE_MILLISECONDS);
  const { data: known } = useInfiniteQuery(models(q ? { q } : {}));
  return known?.pages.flatMap(({ data }) => data.map(({ id }) => id)) ?? [];
}
