/** What the provider will say it used, and what it bills. `input` includes `cachedInput` and `cacheWrite`, as in the domain. */
export interface Tokens {
  readonly input: number;
  readonly cachedInput: number;
  readonly cacheWrite: number;
  /** The part of `cacheWrite` that stays for an hour; only Anthropic tells it. */
  readonly cacheWriteHour: number;
  readonly output: number;
  readonly reasoning: number;
}

type Fault =
  /** Takes the request and says nothing. */
  | 'hang'
  | 'hang-after-headers'
  /** Half of the answer, and then nothing. */
  | 'hang-mid-stream'
  | 'cut-before-headers'
  /** The connection goes in the middle of a JSON body, or of a frame. */
  | 'cut-mid-body'
  /** The connection goes between two frames. */
  | 'cut-mid-stream'
  /** A frame in the middle that is not JSON; the rest is as it should be. */
  | 'malformed-sse'
  /** Everything but the usage. */
  | 'no-usage'
  /** The stream says in the middle that the provider failed, and ends. */
  | 'error-in-stream';

/** How one request is answered. Everything has a default: `{}` is a good day. */
export interface Scenario {
  readonly status?: number;
  /** Instead of the dialect's own answer: an object as JSON, a text or bytes as they are. The usage is billed all the same. */
  readonly body?: object | string | Buffer;
  /** Over the dialect's own headers. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly usage?: Partial<Tokens>;
  /** The texts the answer is made of, or how many. */
  readonly chunks?: number | readonly string[];
  /** Every write to the socket has so many bytes, whatever frame or letter is cut by it. */
  readonly chunkBytes?: number;
  /** A JSON body with its length, or in chunks, as providers behind a CDN send it. */
  readonly framing?: 'length' | 'chunked';
  /** What servers may do with event streams beside the plain way. */
  readonly sse?: 'plain' | 'crlf' | 'commented';
  /** Before the headers. */
  readonly firstByteDelayMs?: number;
  /** Before every chunk of text, or before a JSON body. */
  readonly delayMs?: number;
  readonly fault?: Fault;
  /** How many chunks of text come before a fault in the middle of a stream; half of them if not said. */
  readonly faultAfterChunks?: number;
}

const WORDS = ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'];
const TOKENS: Tokens = { input: 10, cachedInput: 0, cacheWrite: 0, cacheWriteHour: 0, output: 5, reasoning: 0 };

export function tokensOf({ usage }: Scenario): Tokens {
  return { ...TOKENS, ...usage };
}

/** Words with the space before them, so that joined they are a sentence. */
export function textsOf({ chunks = 5 }: Scenario): readonly string[] {
  if (typeof chunks !== 'number') return chunks;
  return Array.from({ length: chunks }, (_, index) => `${index ? ' ' : ''}${WORDS[index % WORDS.length]}`);
}
