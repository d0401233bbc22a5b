import { type Bill, billOf, type Counted, needsCount, type Seen } from '#domain/usage/bill';
import { inputGuess, TOKENS_OF_AN_IMAGE } from '#domain/usage/estimate';
import { inputFactsOf } from '#domain/usage/input-facts';
import { promptIn } from '#domain/usage/prompt-text';
import type { Dialect, Endpoint } from '#domain/usage/read-usage';
import { TokenCounter } from './token-counter.js';
import type { Read, UsageTap } from './usage-tap.js';

/** A request as it was sent, for the case that its prompt has to be counted. */
export interface Sent {
  readonly dialect: Dialect;
  readonly endpoint: Endpoint;
  readonly body: Buffer;
  /** The most tokens the answer may have had; null where it was not capped. Asked only where the text has to be counted. */
  readonly mostOutput: () => number | null;
}

/** How a forwarded request ended. */
export interface Ending {
  readonly outcome: Seen['outcome'];
  /** Of the provider's answer; 0 where none began. */
  readonly status: number;
  /** What the client was told; 0 where that was nothing. */
  readonly told: number;
  /** Why it did not end well, where that was for us to say. */
  readonly code: string | null;
  /** False where it was over before it was on its way to the provider. */
  readonly sent: boolean;
  readonly tap: UsageTap | null;
  readonly firstByteAt: number | null;
}

const UNREAD: Read = { usage: null, stated: null, failed: false, text: '', longer: 1 };

/** Beyond what it says. */
const TOKENS_OF_A_MESSAGE = 4;

/** A larger body is not parsed only to be counted. */
const PARSED_BYTES = 1024 * 1024;

/** Bills what was used: at once where the provider has said it, and else when it has been counted. */
export class Metering {
  private readonly counter = new TokenCounter();
  private readonly counting = new Set<Promise<void>>();

  /** Calls back once: before it returns, or later. `outcome` is what the answer says of itself, beyond how it arrived. */
  bill(sent: Sent, ending: Ending, record: (bill: Bill, outcome: Seen['outcome']) => void): void {
    const read = ending.tap?.read ?? UNREAD;
    const outcome = ending.outcome === 'ok' && read.failed ? 'failed' : ending.outcome;
    const seen: Seen = { ...ending, ...read, outcome, hasText: read.text !== '' };
    if (!needsCount(seen)) {
      record(billOf(seen), outcome);
      return;
    }
    const counted: Promise<void> = this.count(sent, read)
      .then((counted) => record(billOf(seen, counted), outcome))
      .finally(() => this.counting.delete(counted));
    this.counting.add(counted);
  }

  /** Resolves when nothing is being counted any more. */
  async idle(): Promise<void> {
    while (this.counting.size) await Promise.all(this.counting);
  }

  private async count({ endpoint, body, mostOutput }: Sent, { stated, text, longer }: Read): Promise<Counted> {
    const input = stated ? stated.input : await this.promptTokens(body);
    const output = endpoint === 'embeddings' ? 0 : await this.counter.count(text);
    // Our tokens are not the provider's: a count must not make more of an answer than was set aside for it.
    return { input, output: Math.min(Math.ceil(output * longer), mostOutput() ?? Number.POSITIVE_INFINITY) };
  }

  private async promptTokens(body: Buffer): Promise<number> {
    if (body.length > PARSED_BYTES) return inputGuess(body.length, inputFactsOf(body));
    const { text, tokens, messages, images } = promptIn(parse(body));
    const counted = await this.counter.count(text);
    return counted + tokens + messages * TOKENS_OF_A_MESSAGE + images * TOKENS_OF_AN_IMAGE;
  }
}

/** The provider may have refused it; what was sent need not be JSON in its depths. */
function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return { prompt: body.toString('utf8') };
  }
}
