import { textOfFrame } from '#domain/usage/frame-text';
import type { Dialect, Endpoint } from '#domain/usage/read-usage';
import { StreamUsage } from '#domain/usage/stream-usage';
import { dataOf, endOfLastFrame, endsAcross, framesOf, saysUsage, seamOf } from './event-frames.js';
import type { Read, UsageTap } from './usage-tap.js';

/** No frame is this long; what claims to be one passes as it is. */
const LONGEST_FRAME = 4 * 1024 * 1024;
/** Of the beginning, for the case that the text has to be counted: some 200 frames. What comes after is reckoned by it. */
const KEPT_BYTES = 64 * 1024;
const NO_BYTES: Buffer = Buffer.alloc(0);

/** Frames pass whole, as they come; only one that may carry the usage is looked into. */
export class StreamTap implements UsageTap {
  readonly isStream = true;
  private readonly usage: StreamUsage;
  private held: Buffer[] = [];
  private heldBytes = 0;
  private seam = NO_BYTES;
  private kept: Buffer[] = [];
  private keptBytes = 0;
  private bytes = 0;
  /** What came last: where a stream says that it is over, or that it failed. */
  private last: Buffer = NO_BYTES;

  /** With `hide`, the usage frame the gateway asked for does not reach a client that did not. */
  constructor(
    private readonly dialect: Dialect,
    private readonly endpoint: Endpoint,
    private readonly hide: boolean,
  ) {
    this.usage = new StreamUsage(dialect, endpoint);
  }

  /**
   * An unfinished frame waits for its rest: only then can be said whether it is the one to hide, and a client whose
   * stream breaks off has never seen half a frame.
   */
  pass(chunk: Buffer): Buffer | null {
    const endInChunk = endOfLastFrame(chunk);
    if (endInChunk === chunk.length && this.heldBytes === 0) return this.let(chunk);
    const isDone = endInChunk > 0 || endsAcross(this.seam, chunk);
    if (!isDone && this.heldBytes + chunk.length < LONGEST_FRAME) {
      this.held.push(chunk);
      this.heldBytes += chunk.length;
      this.seam = seamOf(this.seam, chunk);
      return null;
    }
    const bytes = this.held.length ? Buffer.concat([...this.held, chunk]) : chunk;
    const end = endOfLastFrame(bytes) || bytes.length;
    const whole = end === bytes.length ? bytes : bytes.subarray(0, end);
    this.hold(bytes.subarray(end));
    return this.let(whole);
  }

  rest(): Buffer | null {
    if (!this.held.length) return null;
    const held = Buffer.concat(this.held);
    this.hold(NO_BYTES);
    return this.let(held);
  }

  get read(): Read {
    const { usage } = this;
    if (!usage.usage && usage.stated && this.last.includes('[DONE]')) usage.take('[DONE]');
    if (usage.usage) return { usage: usage.usage, stated: null, failed: usage.failed, text: '', longer: 1 };
    return { usage: null, stated: usage.stated, ...this.review() };
  }

  private hold(bytes: Buffer): void {
    this.held = bytes.length ? [bytes] : [];
    this.heldBytes = bytes.length;
    this.seam = bytes.length ? seamOf(NO_BYTES, bytes) : NO_BYTES;
  }

  private let(whole: Buffer): Buffer | null {
    this.last = whole;
    this.bytes += whole.length;
    if (this.keptBytes < KEPT_BYTES) {
      this.kept.push(whole);
      this.keptBytes += whole.length;
    }
    if (!saysUsage(whole)) return whole;
    const shown = framesOf(whole).filter((frame) => !this.take(frame));
    return shown.length ? Buffer.concat(shown) : null;
  }

  /** Whether the frame is there for its usage alone, and is to be hidden. */
  private take(frame: Buffer): boolean {
    if (!saysUsage(frame)) return false;
    const data = dataOf(frame);
    this.usage.take(data);
    return this.hide && /"choices"\s*:\s*\[\s*\]/.test(data);
  }

  /** A stream without a usage is read after all, as much of it as was kept. */
  private review(): Pick<Read, 'failed' | 'text' | 'longer'> {
    const again = new StreamUsage(this.dialect, this.endpoint);
    let text = '';
    for (const frame of framesOf(Buffer.concat(this.kept))) {
      const parsed = again.take(dataOf(frame));
      text += textOfFrame(this.dialect, this.endpoint, parsed);
    }
    for (const frame of framesOf(this.last)) again.take(dataOf(frame));
    return { failed: again.failed, text, longer: this.keptBytes ? this.bytes / this.keptBytes : 1 };
  }
}
