import type { TokenUsage } from '#domain/price/cost';
import { readUsage } from '#domain/usage/read-usage';
import { StreamUsage } from '#domain/usage/stream-usage';

/** Reads what a provider says a call used, while the answer passes by. */
export interface UsageTap {
  /** What goes on to the client. */
  pass(chunk: Buffer): Buffer | null;
  /** What is still held back at the end. */
  rest(): Buffer | null;
  readonly usage: TokenUsage | null;
}

export class JsonTap implements UsageTap {
  private readonly chunks: Buffer[] = [];

  pass(chunk: Buffer): Buffer {
    this.chunks.push(chunk);
    return chunk;
  }

  rest(): null {
    return null;
  }

  get usage(): TokenUsage | null {
    try {
      return readUsage('openai', 'chat', JSON.parse(Buffer.concat(this.chunks).toString('utf8')));
    } catch {
      return null;
    }
  }
}

const USAGE = Buffer.from('"usage"');
const DONE = Buffer.from('[DONE]');
/** A frame ends with an empty line, and a line with either of these. */
const FRAME_ENDS = [Buffer.from('\n\n'), Buffer.from('\r\n\r\n')];
/** No frame is this long; what claims to be one passes as it is. */
const LONGEST_FRAME = 4 * 1024 * 1024;

/** Frames pass whole, as they come; only one that may carry the usage is looked into. */
export class StreamTap implements UsageTap {
  private readonly read = new StreamUsage('openai', 'chat');
  private held: Buffer | null = null;

  /** With `hide`, the usage frame the gateway asked for does not reach a client that did not. */
  constructor(private readonly hide: boolean) {}

  /** What the provider has said last, also where it never came to the end. */
  get usage(): TokenUsage | null {
    return this.read.usage ?? this.read.stated;
  }

  pass(chunk: Buffer): Buffer | null {
    const bytes: Buffer = this.held ? Buffer.concat([this.held, chunk]) : chunk;
    const end = endOfLastFrame(bytes);
    // An unfinished frame waits for its rest: only then can be said whether it is the one to hide, and a client whose
    // stream breaks off has never seen half a frame.
    if (end === 0 && bytes.length < LONGEST_FRAME) {
      this.held = bytes;
      return null;
    }
    const whole = end === 0 ? bytes : bytes.subarray(0, end);
    this.held = whole.length < bytes.length ? bytes.subarray(whole.length) : null;
    return whole.includes(USAGE) || whole.includes(DONE) ? this.look(whole) : whole;
  }

  rest(): Buffer | null {
    const { held } = this;
    this.held = null;
    return held && this.look(held);
  }

  private look(frames: Buffer): Buffer | null {
    const kept: Buffer[] = [];
    for (let start = 0; start < frames.length; ) {
      const frame = frames.subarray(start, endOfFirstFrame(frames, start));
      if (!this.take(frame)) kept.push(frame);
      start += frame.length;
    }
    return kept.length ? Buffer.concat(kept) : null;
  }

  /** Whether the frame is there for its usage alone, and is to be hidden. */
  private take(frame: Buffer): boolean {
    if (!frame.includes(USAGE) && !frame.includes(DONE)) return false;
    const data = dataOf(frame);
    this.read.take(data);
    return this.hide && /"choices"\s*:\s*\[\s*\]/.test(data) && !/"usage"\s*:\s*null/.test(data);
  }
}

function endOfLastFrame(bytes: Buffer): number {
  return FRAME_ENDS.reduce((end, mark) => {
    const at = bytes.lastIndexOf(mark);
    return at < 0 ? end : Math.max(end, at + mark.length);
  }, 0);
}

function endOfFirstFrame(bytes: Buffer, start: number): number {
  const ends = FRAME_ENDS.map((end) => [bytes.indexOf(end, start), end.length] as const).filter(([at]) => at >= 0);
  return ends.length ? Math.min(...ends.map(([at, length]) => at + length)) : bytes.length;
}

/** What a frame says: its `data` lines, without comments and other fields. */
function dataOf(frame: Buffer): string {
  return frame
    .toString('utf8')
    .split(/\r?\n/)
    .filter((line) => line.startsWith('data:'))
    .map((line) => line.slice(line[5] === ' ' ? 6 : 5))
    .join('\n');
}
