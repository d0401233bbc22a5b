import { openAi } from './openai.js';
import type { Voice } from './voice.js';

const VECTOR = [0.25, -0.5, 1];

/** OpenAI, `/v1/embeddings`: a vector for each input, as numbers or, as its SDK asks for them, as base64 of floats. */
export const embeddings: Voice = {
  ...openAi,

  whole({ model, tokens, tellsUsage, request }) {
    const { input, encoding_format: format } = request.json ?? {};
    const embedding = format === 'base64' ? Buffer.from(Float32Array.from(VECTOR).buffer).toString('base64') : VECTOR;
    return {
      object: 'list',
      data: Array.from({ length: inputs(input) }, (_, index) => ({ object: 'embedding', index, embedding })),
      model,
      ...(tellsUsage ? { usage: { prompt_tokens: tokens.input, total_tokens: tokens.input } } : {}),
    };
  },
};

/** A text, several texts, the tokens of one text, or those of several. */
function inputs(input: unknown): number {
  return Array.isArray(input) && typeof input[0] !== 'number' ? input.length : 1;
}
