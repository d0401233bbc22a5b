/**
 * A map that forgets what nobody asks for, at the cost of a plain look-up: when the young half is full it becomes the
 * old one, and the old one goes; what is asked for moves back to the young.
 */
export class TwoGenerations<Key, Value> {
  private young = new Map<Key, Value>();
  private old = new Map<Key, Value>();
  private readonly half: number;

  constructor(
    capacity: number,
    private readonly forgotten: (key: Key, value: Value) => void = () => {},
  ) {
    this.half = Math.max(1, Math.floor(capacity / 2));
  }

  get(key: Key): Value | undefined {
    const value = this.young.get(key);
    if (value !== undefined) return value;
    const older = this.old.get(key);
    if (older === undefined) return undefined;
    this.set(key, older);
    return older;
  }

  set(key: Key, value: Value): void {
    this.old.delete(key);
    this.young.set(key, value);
    if (this.young.size < this.half) return;
    const gone = this.old;
    this.old = this.young;
    this.young = new Map();
    for (const [key, value] of gone) this.forgotten(key, value);
  }

  delete(key: Key): void {
    this.young.delete(key);
    this.old.delete(key);
  }

  clear(): void {
    this.young.clear();
    this.old.clear();
  }

  /** Young first, then old. */
  *[Symbol.iterator](): IterableIterator<[Key, Value]> {
    yield* this.young;
    yield* this.old;
  }

  get size(): number {
    return this.young.size + this.old.size;
  }
}
