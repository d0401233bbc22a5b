import type { UseFormReturnType } from '@mantine/form';
import { useLayoutEffect } from 'react';
import { refusedField } from './form-errors.js';

/**
 * What the API did not like of a form stands beside its field, until that is changed. Null where it does: anything else is
 * to be told above the form. Fields whose names here are not those of the API are named.
 */
export function useRefused<Fields extends object>(
  form: UseFormReturnType<Fields>,
  error: unknown,
  ...others: readonly string[]
): unknown {
  const { setErrors, values } = form;
  const refused = refusedField(error);
  const [first = ''] = Object.keys(refused)[0]?.split('.') ?? [];
  const isHere = first !== '' && (first in values || others.includes(first));
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each refusal, whatever is filled in after it
  useLayoutEffect(() => {
    if (isHere) setErrors(refused);
  }, [error]);
  return isHere ? null : error;
}
