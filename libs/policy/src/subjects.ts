/** As much of a key as says whose rules bind it. */
interface Bindable {
  readonly organization_id: string;
  readonly project_id: string;
  readonly key_id: string;
  /** Who made it, and who made that, as actors; and the projects those are in, where it is another. */
  readonly made_by: readonly string[];
}

/** The ids of all whose rules bind a key. A service that made one stands for nobody. */
export function subjectsOf({ organization_id, project_id, key_id, made_by }: Bindable): string[] {
  const makers = made_by.flatMap((actor) => /^(?:member|key|project):(.+)$/.exec(actor)?.[1] ?? []);
  return [...new Set([organization_id, project_id, ...makers, key_id])];
}
