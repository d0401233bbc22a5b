import { TagsInput, type TagsInputProps } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { models } from '../../api/catalogue.js';

/** Models by name or by pattern, with those there are to choose from. */
export function ModelNames(props: Pick<TagsInputProps, 'value' | 'onChange' | 'error'>) {
  const { data: known } = useInfiniteQuery(models({}));
  return (
    <TagsInput
      label="Models"
      description="Names, with * for any letters: gpt-4o*, anthropic/*. Enter adds one."
      data={known?.pages.flatMap(({ data }) => data.map(({ id }) => id)) ?? []}
      limit={50}
      acceptValueOnBlur
      {...props}
    />
  );
}
