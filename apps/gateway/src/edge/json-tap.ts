import { textOfAnswer } from '#domain/usage/answer-text';
import { at } from '#domain/usage/at';
import { type Dialect, type Endpoint, type ReadUsage, readUsage } from '#domain/usage/read-usage';
import type { Read, UsageTap } from './usage-tap.js';

/** A longer answer is not kept whole: a thousand embeddings are megabytes, and the usage stands at their end. */
const KEPT_BYTES = 1024 * 1024;
const TAIL_BYTES = 16 * 1024;

/** An answer in one piece passes as it comes; a copy of it is read when it is over. */
export class JsonTap implements UsageTap {
  readonly isStream = false;
  private chunks: Buffer[] = [];
  private keptBytes = 0;
  private bytes = 0;

  constructor(
    private readonly dialect: Dialect,
    private readonly endpoint: Endpoint,
  ) {}

  pass(chunk: Buffer): Buffer {
    this.chunks.push(chunk);
    this.keptBytes += chunk.length;
    this.bytes += chunk.length;
    if (this.keptBytes > KEPT_BYTES) this.forget();
    return chunk;
  }

  rest(): null {
    return null;
  }

  get read(): Read {
    const kept = Buffer.concat(this.chunks).toString('utf8');
    const isWhole = this.keptBytes === this.bytes;
    const answer = isWhole ? parse(kept) : undefined;
    const usage = isWhole ? readUsage(this.dialect, this.endpoint, answer) : this.lastUsageIn(kept);
    const failed = usage === null && Boolean(at(answer, 'error'));
    // Of one that is no JSON, or not yet, everything that came is taken for text: rather too much than nothing.
    const text = usage || failed ? '' : answer === undefined ? kept : textOfAnswer(this.dialect, this.endpoint, answer);
    return { usage, stated: null, failed, text, longer: isWhole ? 1 : this.bytes / this.keptBytes };
  }

  private forget(): void {
    const kept = Buffer.concat(this.chunks);
    const tail = Buffer.from(kept.subarray(-TAIL_BYTES));
    this.chunks = [tail];
    this.keptBytes = tail.length;
  }

  /** The last field of that name. Inside of a text its quotes would be escaped, so that no model can write one. */
  private lastUsageIn(tail: string): ReadUsage | null {
    for (const { index } of [...tail.matchAll(/(?<!\\)"usage"\s*:\s*(?=\{)/g)].reverse()) {
      const usage = readUsage(this.dialect, this.endpoint, { usage: objectAt(tail, tail.indexOf('{', index)) });
      if (usage) return usage;
    }
    return null;
  }
}

/** The object that begins there: as long as it takes until it is one. */
function objectAt(text: string, start: number): unknown {
  for (let end = text.indexOf('}', start); end >= 0; end = text.indexOf('}', end + 1)) {
    const value = parse(text.slice(start, end + 1));
    if (value !== undefined) return value;
  }
  return undefined;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
