import type { IncomingMessage } from 'node:http';
import type { Tokens } from './scenario.js';

/** How an exchange ended, as the provider saw it. */
export type Outcome =
  | 'pending'
  /** Every byte was handed to the network. */
  | 'completed'
  /** The client went away. */
  | 'aborted'
  /** The provider broke off: a fault, or the end of the test. */
  | 'cut';

export type Bill = Omit<Tokens, 'reasoning' | 'cacheWriteHour'>;

const NOTHING: Bill = { input: 0, cachedInput: 0, cacheWrite: 0, output: 0 };

/** One request as it came, and what became of it. */
export class Received {
  outcome: Outcome = 'pending';
  /** Of the answer, once it began. */
  status: number | null = null;
  /** How many chunks of text the answer has, and how many of them were handed to the network. */
  chunks = 0;
  chunksSent = 0;
  endedAt: number | null = null;
  readonly at = performance.now();
  readonly method: string;
  readonly path: string;
  /** Name, value, name, value: in the order and the letters they came in. */
  readonly rawHeaders: readonly string[];
  readonly json: Readonly<Record<string, unknown>> | null;
  private tokens: Tokens | null = null;
  private isStream = false;

  constructor(
    readonly id: number,
    { method = '', url = '', rawHeaders }: IncomingMessage,
    readonly body: Buffer,
  ) {
    this.method = method;
    this.path = url;
    this.rawHeaders = rawHeaders;
    this.json = objectIn(body);
  }

  /** Every value of a header that may come more than once. */
  headers(name: string): string[] {
    return this.rawHeaders.filter((_, index) => index % 2 === 1 && isNamed(this.rawHeaders[index - 1], name));
  }

  header(name: string): string | null {
    return this.headers(name)[0] ?? null;
  }

  get model(): string | null {
    return typeof this.json?.model === 'string' ? this.json.model : null;
  }

  get stream(): boolean {
    return this.json?.stream === true;
  }

  /** Whoever pays for it. */
  get credential(): string | null {
    return this.header('x-api-key') ?? this.header('authorization')?.replace(/^Bearer /, '') ?? null;
  }

  /** The answer begins, and with it the bill. */
  begin(status: number, tokens: Tokens | null, isStream: boolean): void {
    this.status = status;
    this.tokens = tokens;
    this.isStream = isStream;
  }

  end(outcome: Outcome): void {
    if (this.outcome !== 'pending') return;
    this.outcome = outcome;
    this.endedAt = performance.now();
  }

  /**
   * What the provider charges: nothing for an answer that never began or is an error; a JSON answer in full, because it
   * was made in full; a stream its input, and as much of its output as was sent.
   */
  get billed(): Bill {
    if (!this.tokens) return NOTHING;
    const { input, cachedInput, cacheWrite, output } = this.tokens;
    const isWhole = !this.isStream || this.chunksSent >= this.chunks;
    return {
      input,
      cachedInput,
      cacheWrite,
      output: isWhole ? output : Math.floor((output * this.chunksSent) / this.chunks),
    };
  }
}

function isNamed(header: string | undefined, name: string): boolean {
  return header?.toLowerCase() === name.toLowerCase();
}

function objectIn(body: Buffer): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}
