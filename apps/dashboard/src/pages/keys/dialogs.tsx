import { lazy, Suspense } from 'react';
import type { KeyDialogsProps } from './open-dialog.js';

const KeyDialogs = lazy(async () => ({ default: (await import('./key-dialogs.js')).KeyDialogs }));

/** The sheets and dialogs over the list, fetched when the first of them opens. */
export function Dialogs(props: KeyDialogsProps) {
  if (props.dialog === null) return null;
  return (
    <Suspense>
      <KeyDialogs {...props} />
    </Suspense>
  );
}
