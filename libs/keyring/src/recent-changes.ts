/**
 * The newest revision at which each key, or every key of a project, changed. What an answer says of a key counts only
 * if the answer is as new as that. Bounded: of changes that are long ago only the newest revision is remembered, and
 * then holds for everybody, so that forgetting can make somebody ask again and never makes anybody believe.
 */
export class RecentChanges {
  private young = new Map<string, number>();
  private old = new Map<string, number>();
  private forgotten = 0;

  constructor(private readonly generation = 20_000) {}

  /** False where it is no news: a change as new as this one is known already. */
  note(id: string, revision: number): boolean {
    if (revision <= (this.young.get(id) ?? this.old.get(id) ?? 0)) return false;
    this.young.set(id, revision);
    if (this.young.size >= this.generation) this.turn();
    return true;
  }

  /** How new an answer about all of these has to be. */
  of(...ids: readonly string[]): number {
    let newest = this.forgotten;
    for (const id of ids) newest = Math.max(newest, this.young.get(id) ?? this.old.get(id) ?? 0);
    return newest;
  }

  clear(): void {
    this.young.clear();
    this.old.clear();
    this.forgotten = 0;
  }

  private turn(): void {
    for (const revision of this.old.values()) this.forgotten = Math.max(this.forgotten, revision);
    this.old = this.young;
    this.young = new Map();
  }
}
