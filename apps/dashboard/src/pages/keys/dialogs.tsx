import { lazy, Suspense } from 'react';
import { useFocusReturn } from '../../parts/use-focus-return.js';
import type { KeyDialogsProps } from './open-dialog.js';

const KeyDialogs = lazy(async () => ({ default: (await import('./key-dialogs.js')).KeyDialogs }));

/** The sheets and dialogs over the list, fetched when the first of them opens. */
export function Dialogs(props: KeyDialogsProps) {
  useFocusReturn(props.dialog !== null);
  if (props.dialog === null) return null;
  return (
    <Suspense>
      <KeyDialogs {...props} />
    </Suspense>
  );
}
