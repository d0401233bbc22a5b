import { closeSync, ftruncateSync, mkdirSync, openSync, readSync, rmSync, statSync, writeSync } from 'node:fs';

/** A file that is only ever appended to, and gone as a whole when nothing in it is needed any more. */
export class Segment {
  /** Requests that are under way and batches that the ledger does not have: whatever would be lost with the file. */
  needed = 0;
  readonly begunAt = Date.now();
  private fd: number | null;

  constructor(
    readonly path: string,
    public bytes: number,
  ) {
    this.fd = bytes === 0 ? openSync(path, 'ax', 0o600) : null;
  }

  static found(path: string): Segment {
    return new Segment(path, Math.max(1, statSync(path).size));
  }

  get isOpen(): boolean {
    return this.fd !== null;
  }

  /** In the kernel's hands when this returns: a process that dies after it loses nothing. */
  append(line: string): void {
    if (this.fd === null) throw new Error('this part of the spool is closed');
    const bytes = Buffer.from(line);
    try {
      // A disk that is nearly full takes a part.
      for (let at = 0; at < bytes.length; ) at += writeSync(this.fd, bytes, at);
    } catch (error) {
      // What it took would run into the next line, and take that along.
      ftruncateSync(this.fd, this.bytes);
      throw error;
    }
    this.bytes += bytes.length;
  }

  read(from: number, to: number): string {
    const fd = openSync(this.path, 'r');
    try {
      const bytes = Buffer.alloc(to - from);
      const read = readSync(fd, bytes, 0, bytes.length, from);
      return bytes.toString('utf8', 0, read);
    } finally {
      closeSync(fd);
    }
  }

  close(): void {
    if (this.fd !== null) closeSync(this.fd);
    this.fd = null;
  }

  drop(): void {
    this.close();
    rmSync(this.path, { force: true });
  }
}

const LARGEST = 4 * 1024 * 1024;
const OLDEST_MILLISECONDS = 30_000;

/** The files of one gateway: one that is written, and those before it that are still needed. */
export class Segments {
  private readonly kept = new Set<Segment>();
  private number = 0;
  current: Segment;

  constructor(private readonly folder: string) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.current = this.next();
  }

  get bytes(): number {
    let sum = 0;
    for (const segment of this.kept) sum += segment.bytes;
    return sum;
  }

  get isTimeToTurn(): boolean {
    const { bytes, begunAt } = this.current;
    return bytes > LARGEST || (bytes > 0 && Date.now() - begunAt > OLDEST_MILLISECONDS);
  }

  /** From here on another file is written. */
  turn(): void {
    const old = this.current;
    this.current = this.next();
    old.close();
    this.release(old);
  }

  has(path: string): boolean {
    return [...this.kept].some((segment) => segment.path === path);
  }

  /** Of a gateway that died. */
  take(path: string): Segment {
    const segment = Segment.found(path);
    this.kept.add(segment);
    return segment;
  }

  /** Files that only a long request keeps from going. */
  *old(): Generator<Segment> {
    for (const segment of this.kept)
      if (segment !== this.current && Date.now() - segment.begunAt > 2 * OLDEST_MILLISECONDS) yield segment;
  }

  release(segment: Segment): void {
    if (segment === this.current || segment.needed > 0 || !this.kept.delete(segment)) return;
    segment.drop();
  }

  close(): void {
    this.current.close();
    if (this.current.needed === 0 && this.kept.delete(this.current)) this.current.drop();
  }

  get isEmpty(): boolean {
    return this.kept.size === 0;
  }

  private next(): Segment {
    const segment = new Segment(`${this.folder}/${String(++this.number).padStart(8, '0')}.spool`, 0);
    this.kept.add(segment);
    return segment;
  }
}
