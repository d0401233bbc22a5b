import { z } from 'zod';
import { EchoRefusal } from './refusal.js';

export const MODEL = 'echo';

const part = z.looseObject({ type: z.string(), text: z.string().optional() });
const message = z.looseObject({ role: z.string(), content: z.union([z.string(), z.array(part)]).nullish() });
const tokenLimit = z.int().min(1).nullish();

/** The part of OpenAI's request that changes the answer; the rest is accepted and does nothing. */
const chatRequest = z.looseObject({
  model: z.string().min(1),
  messages: z.array(message).min(1),
  n: z.int().min(1).max(128).nullish(),
  max_tokens: tokenLimit,
  max_completion_tokens: tokenLimit,
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
});

export type ChatRequest = z.output<typeof chatRequest>;
type Message = ChatRequest['messages'][number];

export function readChatRequest(body: string): ChatRequest {
  const result = chatRequest.safeParse(parseJson(body));
  if (!result.success) throw refusalOf(result.error);
  if (result.data.model !== MODEL) {
    throw new EchoRefusal(
      404,
      'model_not_found',
      `The model \`${result.data.model}\` does not exist; there is only \`${MODEL}\`.`,
    );
  }
  return result.data;
}

/** Pictures and sounds have no text: they are neither counted nor repeated. */
export function textOf({ content }: Message): string {
  if (typeof content === 'string') return content;
  return (content ?? []).map((part) => (part.type === 'text' ? (part.text ?? '') : '')).join('');
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw new EchoRefusal(400, null, 'The body of the request is not valid JSON.');
  }
}

function refusalOf(error: z.ZodError): EchoRefusal {
  const [first] = error.issues;
  const param = first?.path.length ? first.path.join('.') : null;
  return new EchoRefusal(
    400,
    null,
    param ? `'${param}' is not valid: ${first?.message}` : 'The request is not a JSON object.',
    param,
  );
}
