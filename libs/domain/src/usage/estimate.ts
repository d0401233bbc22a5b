import type { InputFacts } from './input-facts.js';
import type { Endpoint } from './read-usage.js';

/** The dearest picture known: one in full detail for gpt-4o-mini is 48,169 tokens. */
const MOST_FOR_AN_IMAGE = 50_000;
/** Providers put instructions of their own before tools: up to some 800 tokens, and as much again for each of theirs. */
const MOST_FOR_TOOLS = 4096;
/** What frames a prompt, beyond what frames it in JSON. */
const MOST_FOR_FRAMING = 64;
/** Where nobody knows how much a model can read: no known one reads more. */
const LARGEST_CONTEXT = 2_000_000;

/** Usual ones, for a guess. */
export const BYTES_PER_TOKEN = 4;
export const TOKENS_OF_AN_IMAGE = 1000;

/**
 * The most tokens of input that a body of so many bytes can come to. A token of text is at least one byte, and a body
 * says in more bytes what frames a prompt. What it only names may be as long as the model can read.
 */
export function inputBound(bytes: number, facts: InputFacts, endpoint: Endpoint, context: number | null): number {
  const written = bytes + MOST_FOR_FRAMING + facts.images * MOST_FOR_AN_IMAGE + (facts.hasTools ? MOST_FOR_TOOLS : 0);
  if (facts.namesMore) return Math.max(written, context ?? LARGEST_CONTEXT);
  // Several texts in one request are read one by one: what a model can read at once bounds none of their sum.
  const isOneText = endpoint !== 'embeddings' && endpoint !== 'completions';
  return context !== null && isOneText ? Math.min(written, context) : written;
}

/** What it will most likely come to: for rates, where too much would refuse what there is room for. */
export function inputGuess(bytes: number, { images, base64Bytes }: InputFacts): number {
  return Math.ceil(Math.max(0, bytes - base64Bytes) / BYTES_PER_TOKEN) + images * TOKENS_OF_AN_IMAGE;
}

export interface OutputCap {
  /** For each answer; null where the request sets no cap. */
  readonly tokens: number | null;
  /** How many answers are made for it, whether all of them are shown or not. */
  readonly choices: number;
}

/** The fields of a request, wherever they are read from. */
interface Fields {
  get(name: string): unknown;
}

const CAPS: Readonly<Record<Endpoint, readonly string[]>> = {
  chat: ['max_completion_tokens', 'max_tokens'],
  completions: ['max_tokens'],
  responses: ['max_output_tokens'],
  messages: ['max_tokens'],
  embeddings: [],
};

/** How much a request allows a model to write. Of two caps the larger: which of them binds is the provider’s secret. */
export function outputCap(call: Fields, endpoint: Endpoint): OutputCap {
  if (endpoint === 'embeddings') return { tokens: 0, choices: 1 };
  const caps = CAPS[endpoint].map((name) => call.get(name)).filter((cap) => cap !== undefined && cap !== null);
  const isCapped = caps.length > 0 && caps.every(isCount);
  const answers = Math.max(1, choicesIn(call.get('n')));
  return {
    tokens: isCapped ? Math.max(...(caps as number[])) : null,
    choices:
      endpoint === 'completions'
        ? Math.max(answers, choicesIn(call.get('best_of'))) * promptsIn(call.get('prompt'))
        : answers,
  };
}

/** The fields to set so that a request is capped: those it has, or else the one that its provider knows. */
export function capFields(call: Fields, endpoint: Endpoint, provider: string): readonly string[] {
  const there = CAPS[endpoint].filter((name) => call.get(name) !== undefined);
  if (there.length || endpoint !== 'chat') return there.length ? there : CAPS[endpoint];
  return [provider === 'openai' ? 'max_completion_tokens' : 'max_tokens'];
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** Several prompts in one request are answered one by one; numbers are the tokens of a single one. */
function promptsIn(prompt: unknown): number {
  return Array.isArray(prompt) ? Math.max(1, prompt.filter((part) => typeof part !== 'number').length) : 1;
}

/** A number in letters counts too: some providers take it for one. */
function choicesIn(value: unknown): number {
  const number = typeof value === 'number' || typeof value === 'string' ? Math.ceil(Number(value)) : 1;
  return Number.isFinite(number) ? number : 1;
}
