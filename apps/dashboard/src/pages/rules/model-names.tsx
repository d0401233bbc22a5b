import { TagsInput, type TagsInputProps } from '@mantine/core';
import { useState } from 'react';
import { useModelNames } from '../../api/model-names.js';

/** Models by name or by pattern, with those there are to choose from. */
export function ModelNames(props: Pick<TagsInputProps, 'value' | 'onChange' | 'error'>) {
  const [typed, setTyped] = useState('');
  const names = useModelNames(typed);
  return (
    <TagsInput
      label="Models"
      description="Names, with * for any letters: gpt-4o*, anthropic/*. Enter adds one."
      data={[...names]}
      limit={50}
      searchValue={typed}
      onSearchChange={setTyped}
      acceptValueOnBlur
      {...props}
    />
  );
}
