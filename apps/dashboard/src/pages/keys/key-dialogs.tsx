import { CreateKey } from './create-key.js';
import { DeleteKey } from './delete-key.js';
import { EditKey } from './edit-key.js';
import { EnableKey } from './enable-key.js';
import { KeyLimits } from './key-limits.js';
import type { KeyDialogsProps } from './open-dialog.js';
import { ResetUsage } from './reset-usage.js';
import { RotateKey } from './rotate-key.js';
import { SecretDialog } from './secret-dialog.js';

/** In a file of its own, loaded when the first of them opens: most looks at the list open none. */
export function KeyDialogs({ dialog, project, open, close, deleted }: KeyDialogsProps) {
  switch (dialog?.kind) {
    case undefined:
      return null;
    case 'create':
      return <CreateKey project={project} open={open} close={close} />;
    case 'secret':
      return <SecretDialog {...dialog} close={close} />;
    case 'edit':
      return <EditKey of={dialog.key} close={close} />;
    case 'limits':
      return <KeyLimits of={dialog.key} close={close} />;
    case 'rotate':
      return <RotateKey of={dialog.key} open={open} close={close} />;
    case 'reset':
      return <ResetUsage of={dialog.key} close={close} />;
    case 'enable':
      return <EnableKey of={dialog.key} close={close} />;
    case 'delete':
      return <DeleteKey of={dialog.key} close={close} deleted={deleted} />;
  }
}
