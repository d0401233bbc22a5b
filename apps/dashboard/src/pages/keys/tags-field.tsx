import { TagsInput, type TagsInputProps } from '@mantine/core';
import type { ReactNode } from 'react';

interface TagsFieldProps extends TagsInputProps {
  /** Of the whole form: a wrong tag is named by its own path, `tags.<name>`. */
  readonly errors: Readonly<Record<string, ReactNode>>;
}

/** The tags of a key, as people write them. */
export function TagsField({ errors, ...field }: TagsFieldProps) {
  const ofOne = Object.entries(errors).find(([path]) => path.startsWith('tags.'))?.[1];
  return (
    <TagsInput
      label="Tags"
      description="“team: search”, or one word. Enter adds one."
      {...field}
      error={errors.tags ?? ofOne}
    />
  );
}
