import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';

/** The way to the client: no faster than it reads, cut as the scenario wants it, and over as soon as nobody listens. */
export class Wire {
  private written: Promise<void> = Promise.resolve();

  constructor(
    private readonly response: ServerResponse,
    /** Aborted when the client has left or the test is over. */
    private readonly signal: AbortSignal,
    private readonly chunkBytes = Number.POSITIVE_INFINITY,
  ) {}

  async send(bytes: Buffer): Promise<void> {
    if (bytes.length <= this.chunkBytes) return this.write(bytes);
    for (let start = 0; start < bytes.length; start += this.chunkBytes) {
      await this.write(bytes.subarray(start, start + this.chunkBytes));
      // A turn of the loop, so that the pieces are not gathered into one write to the socket.
      await turn(undefined, { signal: this.signal });
    }
  }

  async pause(milliseconds = 0): Promise<void> {
    if (milliseconds > 0) await sleep(milliseconds, undefined, { signal: this.signal });
  }

  /** For good: only the client's leaving, or the end of the test, ends it. */
  hang(): Promise<never> {
    return new Promise((_, reject) => {
      const over = () => reject(this.signal.reason);
      if (this.signal.aborted) over();
      else this.signal.addEventListener('abort', over, { once: true });
    });
  }

  /** What was sent before the cut arrives; nothing says that it was not all. */
  async cut(): Promise<void> {
    await Promise.race([this.written, this.hang()]);
    this.response.destroy();
  }

  private async write(bytes: Buffer): Promise<void> {
    // Destroyed, and the signal not yet given: a write now would be an error of ours.
    if (this.response.destroyed) await this.hang();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.written = promise;
    if (!this.response.write(bytes, () => resolve())) await once(this.response, 'drain', { signal: this.signal });
  }
}
