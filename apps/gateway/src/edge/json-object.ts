import { Refused } from '#contracts/refusals';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const DEEPEST = 256;

/** What may stand outside of strings. No comment, no single quote: a parser that knows such things would read another body. */
const PLAIN = new Uint8Array(256);
for (const letter of '0123456789+-.eEtrufalsn') PLAIN[letter.charCodeAt(0)] = 1;

/** And within lists and objects. */
const WITHIN = PLAIN.slice();
for (const letter of ',: \n\r\t') WITHIN[letter.charCodeAt(0)] = 1;

interface Span {
  /** Of the name. */
  readonly from: number;
  /** Of the value, and its end. */
  readonly start: number;
  readonly end: number;
}

/**
 * The fields of a JSON object, found without parsing what is in them: the gateway decides on a few and forwards the rest
 * as it came. Strings are skipped with memchr, so a long prompt costs next to nothing. What a field says is read when it
 * is asked for. A name that stands there twice is refused: the policy would see one of them and the provider the other.
 */
export class JsonObject {
  private readonly spans = new Map<string, Span>();
  /** Behind the opening brace. */
  private inside = 0;

  constructor(readonly bytes: Buffer) {
    const end = this.readMembers(skipSpace(bytes, 0));
    if (skipSpace(bytes, end) !== bytes.length) throw malformed();
  }

  has(name: string): boolean {
    return this.spans.has(name);
  }

  /** The field's value; undefined where there is none. */
  get(name: string): unknown {
    const span = this.spans.get(name);
    if (!span) return undefined;
    try {
      return JSON.parse(this.bytes.toString('utf8', span.start, span.end));
    } catch {
      throw malformed();
    }
  }

  /** The same bytes with these fields set: replaced where they stand, put in front where they do not. */
  with(fields: Readonly<Record<string, unknown>>): Buffer {
    const names = Object.keys(fields);
    if (names.length === 0) return this.bytes;
    const edits = names
      .filter((name) => this.spans.has(name))
      .map((name) => ({ ...(this.spans.get(name) as Span), text: JSON.stringify(fields[name]) }))
      .sort((a, b) => a.start - b.start);
    const added = names
      .filter((name) => !this.spans.has(name))
      .map((name) => `${JSON.stringify(name)}:${JSON.stringify(fields[name])}`);
    const front = added.length ? added.join(',') + (this.spans.size ? ',' : '') : '';
    const parts: Buffer[] = [this.bytes.subarray(0, this.inside), Buffer.from(front)];
    let at = this.inside;
    for (const { start, end, text } of edits) {
      parts.push(this.bytes.subarray(at, start), Buffer.from(text));
      at = end;
    }
    parts.push(this.bytes.subarray(at));
    return Buffer.concat(parts);
  }

  /** The same bytes with one field under another name, with another value. */
  renamed(name: string, to: string, value: unknown): Buffer {
    const { from, end } = this.spans.get(name) as Span;
    const member = `${JSON.stringify(to)}:${JSON.stringify(value)}`;
    return Buffer.concat([this.bytes.subarray(0, from), Buffer.from(member), this.bytes.subarray(end)]);
  }

  private readMembers(start: number): number {
    const { bytes } = this;
    if (bytes[start] !== 0x7b /* { */)
      throw new Refused('invalid_request', { message: 'The request body must be a JSON object.' });
    this.inside = start + 1;
    let at = skipSpace(bytes, start + 1);
    if (bytes[at] === 0x7d /* } */) return at + 1;
    for (;;) {
      const from = at;
      const keyEnd = endOfString(bytes, from);
      const name = readName(bytes, from, keyEnd);
      at = skipSpace(bytes, keyEnd);
      if (bytes[at] !== 0x3a /* : */) throw malformed();
      const valueStart = skipSpace(bytes, at + 1);
      const valueEnd = endOfValue(bytes, valueStart);
      if (this.spans.has(name)) {
        throw new Refused('invalid_request', {
          message: `The field "${name.slice(0, 100)}" stands in the body twice.`,
          param: name.slice(0, 100),
        });
      }
      this.spans.set(name, { from, start: valueStart, end: valueEnd });
      at = skipSpace(bytes, valueEnd);
      if (bytes[at] === 0x7d) return at + 1;
      if (bytes[at] !== 0x2c /* , */) throw malformed();
      at = skipSpace(bytes, at + 1);
    }
  }
}

function malformed(): Refused {
  return new Refused('invalid_request', { message: 'The request body is not valid JSON.' });
}

function readName(bytes: Buffer, start: number, end: number): string {
  const text = bytes.toString('utf8', start, end);
  if (!text.includes('\\')) return text.slice(1, -1);
  try {
    return JSON.parse(text);
  } catch {
    throw malformed();
  }
}

function skipSpace(bytes: Buffer, start: number): number {
  let at = start;
  for (;;) {
    const byte = bytes[at];
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return at;
    at++;
  }
}

/** Behind the closing quote. */
function endOfString(bytes: Buffer, start: number): number {
  if (bytes[start] !== QUOTE) throw malformed();
  let at = start;
  for (;;) {
    at = bytes.indexOf(QUOTE, at + 1);
    if (at < 0) throw malformed();
    let slashes = 0;
    while (bytes[at - 1 - slashes] === BACKSLASH) slashes++;
    // An even number of backslashes escape each other, and not the quote.
    if (slashes % 2 === 0) return at + 1;
  }
}

function endOfValue(bytes: Buffer, start: number): number {
  const first = bytes[start];
  if (first === QUOTE) return endOfString(bytes, start);
  if (first !== 0x7b && first !== 0x5b) return endOfPlain(bytes, start);
  return endOfNested(bytes, start);
}

function endOfPlain(bytes: Buffer, start: number): number {
  let at = start;
  while (PLAIN[bytes[at] ?? 0] === 1) at++;
  if (at === start) throw malformed();
  return at;
}

/** Objects and lists within, by their brackets; every bracket must be closed by its own kind. */
function endOfNested(bytes: Buffer, start: number): number {
  const open: number[] = [];
  let at = start;
  while (at < bytes.length) {
    const byte = bytes[at] as number;
    if (byte === QUOTE) {
      at = endOfString(bytes, at);
      continue;
    }
    at++;
    if (WITHIN[byte] === 1) continue;
    bracket(open, byte);
    if (open.length === 0) return at;
  }
  throw malformed();
}

function bracket(open: number[], byte: number): void {
  if (byte === 0x7b || byte === 0x5b) {
    if (open.push(byte) <= DEEPEST) return;
    throw new Refused('invalid_request', { message: `The request body is nested deeper than ${DEEPEST} levels.` });
  }
  // { and }, [ and ] are two apart.
  if ((byte !== 0x7d && byte !== 0x5d) || open.pop() !== byte - 2) throw malformed();
}
