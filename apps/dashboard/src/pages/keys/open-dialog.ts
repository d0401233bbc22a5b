import type { Key } from '../../api/keys.js';
import type { Project } from '../../api/projects.js';

/** What is open over the list. A secret is in here and nowhere else: closing the dialog forgets it. */
export type OpenDialog =
  | { readonly kind: 'create' }
  | {
      readonly kind: 'secret';
      readonly name: string;
      readonly secret: string;
      readonly rotated: boolean;
      /** What did not work besides. */
      readonly warning?: string;
    }
  | { readonly kind: 'edit' | 'limits' | 'rotate' | 'reset' | 'enable' | 'delete'; readonly key: Key };

export interface KeyDialogsProps {
  readonly dialog: OpenDialog | null;
  readonly project: Project;
  readonly open: (dialog: OpenDialog) => void;
  readonly close: () => void;
  /** After the key is gone, for a page that shows it. */
  readonly deleted?: () => Promise<void>;
}
