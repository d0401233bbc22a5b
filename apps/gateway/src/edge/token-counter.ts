import { setImmediate as turn } from 'node:timers/promises';
import { BYTES_PER_TOKEN } from '#domain/usage/estimate';

/** Of hostile text longer slices take time that grows with the square of their length: 64 KB of one letter, seconds. */
const SLICE_LETTERS = 512;
/** What is counted of one text; the rest is reckoned by it. */
const COUNTED_LETTERS = 64 * SLICE_LETTERS;
/**
 * What may be counted at once, and how much of that comes back in a second: some 50 ms of work. Beyond, texts are reckoned
 * by their bytes alone: leaving early must not be a way to keep a gateway busy.
 */
const ROOM_LETTERS = 1024 * 1024;
const LETTERS_A_SECOND = 256 * 1024;
const BUSY_MILLISECONDS = 2;

/** Text is text: what looks like a mark of a prompt is counted as what it looks like. */
const PLAIN = { allowedSpecial: new Set<string>(), disallowedSpecial: new Set<string>() };

type Count = (text: string) => number;

/**
 * Tokens of a text, for what no provider has counted. The tokenizer takes 75 MB and a sixth of a second to load, so that
 * it is loaded when it is needed first; it works in turns of two milliseconds, because requests are waiting beside it.
 */
export class TokenCounter {
  private tokenizer?: Promise<Count>;
  private room = ROOM_LETTERS;
  private roomAt: number;
  /** One after the other. */
  private last: Promise<unknown> = Promise.resolve();

  constructor(private readonly now: () => number = () => performance.now()) {
    this.roomAt = now();
  }

  count(text: string): Promise<number> {
    if (!this.hasRoomFor(Math.min(text.length, COUNTED_LETTERS))) return Promise.resolve(byBytes(text));
    // Whatever is wrong with the tokenizer, what was used is charged.
    const counted = this.last.then(() => this.inTurns(text)).catch(() => byBytes(text));
    this.last = counted;
    return counted;
  }

  private hasRoomFor(letters: number): boolean {
    const now = this.now();
    this.room = Math.min(ROOM_LETTERS, this.room + ((now - this.roomAt) / 1000) * LETTERS_A_SECOND);
    this.roomAt = now;
    if (letters > this.room) return false;
    this.room -= letters;
    return true;
  }

  private async inTurns(text: string): Promise<number> {
    if (text === '') return 0;
    this.tokenizer ??= loaded();
    const count = await this.tokenizer;
    let tokens = 0;
    let since = performance.now();
    for (let start = 0; start < Math.min(text.length, COUNTED_LETTERS); start += SLICE_LETTERS) {
      tokens += count(text.slice(start, start + SLICE_LETTERS));
      if (performance.now() - since < BUSY_MILLISECONDS) continue;
      await turn();
      since = performance.now();
    }
    if (text.length <= COUNTED_LETTERS) return tokens;
    // Never less than half of what its bytes say: a beginning made of blanks must not hide what comes after it.
    const rest = text.slice(COUNTED_LETTERS);
    return tokens + Math.ceil(Math.max((rest.length * tokens) / COUNTED_LETTERS, byBytes(rest) / 2));
  }
}

function byBytes(text: string): number {
  return Math.ceil(Buffer.byteLength(text) / BYTES_PER_TOKEN);
}

async function loaded(): Promise<Count> {
  const { countTokens } = await import('gpt-tokenizer/encoding/o200k_base');
  return (text) => countTokens(text, PLAIN);
}
