/** What can be told of a request's input without parsing it, for bounds and guesses of what it will come to. */
export interface InputFacts {
  images: number;
  /** There are pictures that may be kept elsewhere, and are not counted. */
  namesImages: boolean;
  /** Bytes in base64 inside of it: pictures, sound, files. They are no text. */
  base64Bytes: number;
  hasTools: boolean;
  /** It only names some of what will be read: a file, an earlier answer, a search that the provider makes. */
  namesMore: boolean;
  /** It asks for a place in the provider’s cache for an hour, which costs more than one for five minutes. */
  writesForAnHour: boolean;
}

type Fact = Exclude<keyof InputFacts, 'base64Bytes'>;

/** Words that tell something as the name of a field, and as a value. */
const KEYS = new Map<string, Fact>([
  ['image_url', 'images'],
  ['tools', 'hasTools'],
  ['functions', 'hasTools'],
  ['web_search_options', 'hasTools'],
  ['file_id', 'namesMore'],
  ['file_url', 'namesMore'],
  ['video_url', 'namesMore'],
  ['previous_response_id', 'namesMore'],
  ['conversation', 'namesMore'],
  ['container', 'namesMore'],
  ['mcp_servers', 'namesMore'],
  ['vector_store_ids', 'namesMore'],
]);
const VALUES = new Map<string, Fact>([
  ['image', 'images'],
  ['input_image', 'namesImages'],
  ['1h', 'writesForAnHour'],
  // A page of a document can be small in bytes and long in tokens.
  ['document', 'namesMore'],
  ['file', 'namesMore'],
  ['input_file', 'namesMore'],
  ['input_video', 'namesMore'],
  ['item_reference', 'namesMore'],
  ['mcp', 'namesMore'],
  ['file_search', 'namesMore'],
]);
/** Tools that a provider runs itself; what follows is a date. */
const OWN_TOOLS = /^(web_search|web_fetch|code_interpreter|code_execution|computer)/;

/** A word in letters that are all escaped. */
const LONGEST_WORD = 6 * 24;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const BRACE = 0x7b;

/**
 * Looks at every short string and skips the long ones, which are text or bytes. It asks what words there are, and not
 * where they stand: one that means nothing where it is makes a bound wider, and never too narrow.
 */
export function inputFactsOf(body: Buffer): InputFacts {
  const facts: InputFacts = {
    ...{ images: 0, namesImages: false, base64Bytes: 0 },
    ...{ hasTools: false, namesMore: false, writesForAnHour: false },
  };
  let key = '';
  for (let start = body.indexOf(QUOTE); start >= 0; ) {
    const end = endOfString(body, start);
    const next = skipSpace(body, end);
    const word = end - start - 2 <= LONGEST_WORD ? wordAt(body, start, end) : '';
    if (body[next] === COLON) {
      key = word;
      note(facts, keyFact(word, body, next));
      // Tools that are not called so.
      if (word === 'mcp_servers') facts.hasTools = true;
    } else if (word) note(facts, VALUES.get(word) ?? (OWN_TOOLS.test(word) ? 'namesMore' : undefined));
    else facts.base64Bytes += base64In(body, start + 1, end - 1, key);
    start = body.indexOf(QUOTE, end);
  }
  return facts;
}

function note(facts: InputFacts, fact: Fact | undefined): void {
  if (fact === 'images') facts.images++;
  else if (fact) facts[fact] = true;
}

/** A prompt may be kept at the provider: then it is an object, and neither text nor tokens. */
function keyFact(word: string, body: Buffer, colon: number): Fact | undefined {
  if (word !== 'prompt') return KEYS.get(word);
  return body[skipSpace(body, colon + 1)] === BRACE ? 'namesMore' : undefined;
}

/** Escaped letters are read too: a word must not hide behind them. */
function wordAt(body: Buffer, start: number, end: number): string {
  const text = body.toString('latin1', start + 1, end - 1);
  if (!text.includes('\\')) return text;
  try {
    return JSON.parse(`"${text}"`);
  } catch {
    return text;
  }
}

function base64In(body: Buffer, start: number, end: number, key: string): number {
  if (key === 'data') return end - start;
  const head = body.toString('latin1', start, Math.min(start + 100, end));
  const mark = head.startsWith('data:') ? head.indexOf(';base64,') : -1;
  return mark < 0 ? 0 : end - start - mark - 8;
}

/** Behind its closing quote, or behind everything where there is none. */
function endOfString(body: Buffer, start: number): number {
  for (let at = body.indexOf(QUOTE, start + 1); at >= 0; at = body.indexOf(QUOTE, at + 1)) {
    let slashes = 0;
    while (body[at - 1 - slashes] === BACKSLASH) slashes++;
    if (slashes % 2 === 0) return at + 1;
  }
  return body.length + 1;
}

function skipSpace(body: Buffer, start: number): number {
  let at = start;
  while (body[at] === 0x20 || body[at] === 0x0a || body[at] === 0x0d || body[at] === 0x09) at++;
  return at;
}
