import type { TokenUsage } from '#domain/price/cost';
import { at } from './at.js';

export type Dialect = 'openai' | 'anthropic';

/** What was asked for; `messages` is Anthropic's only one. */
export type Endpoint = 'chat' | 'completions' | 'embeddings' | 'responses' | 'messages';

/** Everything a provider says of a call, in one dialect: ours. What it does not mention is zero. */
export type ReadUsage = Required<TokenUsage>;

/**
 * What a provider's answer says the call used; null where it says nothing that can be believed. A zero that was said is
 * a zero. Null is not: whoever bills has to find another measure.
 */
export function readUsage(dialect: Dialect, endpoint: Endpoint, answer: unknown): ReadUsage | null {
  const usage = at(answer, 'usage');
  return dialect === 'anthropic' ? anthropicUsage(usage) : openAiUsage(endpoint, usage);
}

const CHAT_NAMES = { input: 'prompt_tokens', output: 'completion_tokens' };
const RESPONSES_NAMES = { input: 'input_tokens', output: 'output_tokens' };

function openAiUsage(endpoint: Endpoint, usage: unknown): ReadUsage | null {
  const names = endpoint === 'responses' ? RESPONSES_NAMES : CHAT_NAMES;
  const input = count(at(usage, names.input));
  if (input === null) return null;
  const output =
    endpoint === 'embeddings' ? 0 : outputOf(input, count(at(usage, names.output)), count(at(usage, 'total_tokens')));
  if (output === null) return null;
  const cachedInput = part(at(usage, `${names.input}_details`, 'cached_tokens'), input);
  return {
    input,
    cachedInput,
    cacheWrite: part(at(usage, `${names.input}_details`, 'cache_write_tokens'), input - cachedInput),
    cacheWriteHour: 0,
    output,
    reasoning: part(at(usage, `${names.output}_details`, 'reasoning_tokens'), output),
  };
}

/**
 * Some providers of this dialect (xAI, Gemini) leave what the model thought out of the output and have it in the total
 * only: without the total, most of such a call would be free. Where there is no output, the total says it too.
 */
function outputOf(input: number, output: number | null, total: number | null): number | null {
  if (total === null || total < input + (output ?? 0)) return output;
  return total - input;
}

/** Anthropic counts what was read from the cache, what was written to it, and the rest of the input each on its own. */
export function anthropicUsage(usage: unknown): ReadUsage | null {
  const plain = count(at(usage, 'input_tokens'));
  const output = count(at(usage, 'output_tokens'));
  if (plain === null || output === null) return null;
  const cachedInput = count(at(usage, 'cache_read_input_tokens')) ?? 0;
  const cacheWrite = count(at(usage, 'cache_creation_input_tokens')) ?? 0;
  const cacheWriteHour = part(at(usage, 'cache_creation', 'ephemeral_1h_input_tokens'), cacheWrite);
  const input = count(plain + cachedInput + cacheWrite);
  return input === null ? null : { input, cachedInput, cacheWrite, cacheWriteHour, output, reasoning: 0 };
}

function count(tokens: unknown): number | null {
  return Number.isSafeInteger(tokens) && (tokens as number) >= 0 ? (tokens as number) : null;
}

/** A detail is never more than what it is a part of, and one that makes no sense is charged as if it were not there. */
function part(tokens: unknown, whole: number): number {
  return Math.min(count(tokens) ?? 0, whole);
}
