import type { UseQueryResult } from '@tanstack/react-query';
import type { Schemas } from '../../api/client.js';
import type { Project } from '../../api/projects.js';
import type { KeySearch } from './key-search.js';
import type { OpenDialog } from './open-dialog.js';

/** Ids of what is selected; an id that is not is not in it. */
export type Selection = Record<string, true>;

export interface KeyListProps {
  readonly found: UseQueryResult<Schemas['KeyPage']>;
  readonly search: KeySearch;
  /** Another list of keys, or another page of this one, and the pages one came by. */
  readonly look: (change: Partial<KeySearch>, came?: readonly string[]) => void;
  readonly project: Project;
  readonly selected: Selection;
  readonly select: (selected: Selection) => void;
  readonly open: (dialog: OpenDialog) => void;
}
