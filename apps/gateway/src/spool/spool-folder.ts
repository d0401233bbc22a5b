import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';

const BEAT_MILLISECONDS = 2000;
/** Somebody on another machine who has not touched their folder for so long is dead. */
const SILENCE_MILLISECONDS = 60_000;

const OWNER = 'owner.json';
/** Of this process: two gateways in one have the same number. */
const living = new Set<string>();

/**
 * A folder that one gateway writes to and nobody else. Whoever finds one whose owner is dead moves it into their own, which
 * only one can; where the owner only looked dead, the same is told twice, and the ledger counts it once.
 */
export class SpoolFolder {
  readonly path: string;
  /** Whose folders are in this one: it is named like its gateway. */
  tookOver: string[] = [];
  private readonly timer: NodeJS.Timeout;

  constructor(
    private readonly root: string,
    instance: string,
  ) {
    this.path = join(root, instance);
    mkdirSync(this.path, { recursive: true, mode: 0o700 });
    writeFileSync(this.ownerFile, JSON.stringify({ pid: process.pid, host: hostname() }), { mode: 0o600 });
    living.add(this.path);
    this.timer = setInterval(() => this.beat(), BEAT_MILLISECONDS).unref();
  }

  /** The files that dead gateways left behind, in the order they were written. */
  adopt(): string[] {
    for (const name of readdirSync(this.root)) {
      const theirs = join(this.root, name);
      try {
        if (theirs === this.path || !statSync(theirs).isDirectory() || isAlive(theirs)) continue;
        renameSync(theirs, join(this.path, name));
      } catch (error) {
        // Another was faster, or its owner has just taken it along.
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      }
    }
    const found = readdirSync(this.path, { recursive: true }).map(String);
    // Also of those whose folders they had taken over themselves.
    this.tookOver = [...new Set(found.flatMap((file) => file.split('/').slice(0, -1)))];
    return found
      .filter((file) => file.endsWith('.spool') && file.includes('/'))
      .sort()
      .map((file) => join(this.path, file));
  }

  /** What is left in it is somebody else's from now on. */
  close(isEmpty: boolean): void {
    clearInterval(this.timer);
    living.delete(this.path);
    if (isEmpty) rmSync(this.path, { recursive: true, force: true });
    else rmSync(this.ownerFile, { force: true });
  }

  private get ownerFile(): string {
    return join(this.path, OWNER);
  }

  private beat(): void {
    const now = new Date();
    try {
      utimesSync(this.ownerFile, now, now);
    } catch {
      // Tried again in a moment; where somebody took it for dead's, the same is told twice.
    }
  }
}

function isAlive(folder: string): boolean {
  if (living.has(folder)) return true;
  const file = join(folder, OWNER);
  const touched = statSync(file, { throwIfNoEntry: false })?.mtimeMs;
  if (touched === undefined) return isBeingMade(folder);
  const { pid, host } = ownerOf(file);
  if (host === hostname() && pid !== undefined) return pid !== process.pid && isRunning(pid);
  return Date.now() - touched < SILENCE_MILLISECONDS;
}

/** A folder comes a moment before the name of its owner; one that was left in good order has none any more. */
function isBeingMade(folder: string): boolean {
  const made = statSync(folder, { throwIfNoEntry: false });
  return made !== undefined && readdirSync(folder).length === 0 && Date.now() - made.ctimeMs < SILENCE_MILLISECONDS;
}

function ownerOf(file: string): { pid?: number; host?: string } {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return {};
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
