import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { textOfAnswer } from '#domain/usage/answer-text';
import { textOfFrame } from '#domain/usage/frame-text';
import type { Dialect, Endpoint } from '#domain/usage/read-usage';

const call = (fields: object) => ({ choices: [{ delta: { tool_calls: [fields] } }] });
const delta = (fields: object) => ({ type: 'content_block_delta', index: 0, delta: fields });

describe('the text of a frame', () => {
  it.each<[string, Dialect, Endpoint, unknown, string]>([
    ['what is said', 'openai', 'chat', { choices: [{ delta: { content: 'abc' } }] }, 'abc'],
    ['a refusal', 'openai', 'chat', { choices: [{ delta: { refusal: 'no' } }] }, 'no'],
    ['thinking', 'openai', 'chat', { choices: [{ delta: { reasoning_content: 'hmm' } }] }, 'hmm'],
    [
      'thinking under two names',
      'openai',
      'chat',
      { choices: [{ delta: { reasoning_content: 'hmm', reasoning: 'hmm' } }] },
      'hmm',
    ],
    ['a call of a tool', 'openai', 'chat', call({ function: { name: 'f', arguments: '{}' } }), 'f{}'],
    ['a call of a tool of one’s own', 'openai', 'chat', call({ custom: { input: 'x' } }), 'x'],
    [
      'a call of a function',
      'openai',
      'chat',
      { choices: [{ delta: { function_call: { arguments: '{"a"' } } }] },
      '{"a"',
    ],
    [
      'several choices',
      'openai',
      'chat',
      { choices: [{ delta: { content: 'ab' } }, { delta: { content: 'c' } }] },
      'abc',
    ],
    ['a completion', 'openai', 'completions', { choices: [{ index: 0, text: 'abc' }] }, 'abc'],
    ['text', 'openai', 'responses', { type: 'response.output_text.delta', delta: 'abc' }, 'abc'],
    ['the text again, as a whole', 'openai', 'responses', { type: 'response.output_text.done', text: 'abc' }, ''],
    [
      'a summary of thinking',
      'openai',
      'responses',
      { type: 'response.reasoning_summary_text.delta', delta: 'hm' },
      'hm',
    ],
    ['arguments', 'openai', 'responses', { type: 'response.function_call_arguments.delta', delta: '{}' }, '{}'],
    ['the name of a tool', 'openai', 'responses', { type: 'response.output_item.added', item: { name: 'f' } }, 'f'],
    ['a sound', 'openai', 'responses', { type: 'response.audio.delta', delta: 'AAAA' }, ''],
    ['text of Anthropic', 'anthropic', 'messages', delta({ type: 'text_delta', text: 'abc' }), 'abc'],
    ['thinking of Anthropic', 'anthropic', 'messages', delta({ type: 'thinking_delta', thinking: 'hmm' }), 'hmm'],
    ['no signature', 'anthropic', 'messages', delta({ type: 'signature_delta', signature: 'AAAA' }), ''],
    ['input of a tool', 'anthropic', 'messages', delta({ type: 'input_json_delta', partial_json: '{}' }), '{}'],
    [
      'the name of a tool of Anthropic',
      'anthropic',
      'messages',
      { type: 'content_block_start', content_block: { type: 'tool_use', name: 'f', input: {} } },
      'f',
    ],
    ['nonsense', 'openai', 'chat', { choices: 7 }, ''],
  ])('%s', (_, dialect, endpoint, frame, text) => {
    expect(textOfFrame(dialect, endpoint, frame)).toBe(text);
  });

  it.each<[Dialect, Endpoint, (text: string) => unknown]>([
    ['openai', 'chat', (content) => ({ choices: [{ index: 0, delta: { content } }] })],
    ['openai', 'completions', (text) => ({ choices: [{ index: 0, text }] })],
    ['openai', 'responses', (text) => ({ type: 'response.output_text.delta', delta: text })],
    ['anthropic', 'messages', (text) => delta({ type: 'text_delta', text })],
  ])('%s %s: is the same however it was cut, even through a letter', (dialect, endpoint, frame) => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 5 }), (text, size) => {
        const pieces = Array.from({ length: Math.ceil(text.length / size) }, (_, i) =>
          text.slice(i * size, (i + 1) * size),
        );
        expect(pieces.map((piece) => textOfFrame(dialect, endpoint, frame(piece))).join('')).toBe(text);
      }),
    );
  });

  it('is empty of whatever is no frame', () => {
    fc.assert(
      fc.property(fc.anything(), fc.constantFrom<Endpoint>('chat', 'responses', 'messages'), (noise, endpoint) => {
        const dialect = endpoint === 'messages' ? 'anthropic' : 'openai';
        expect(typeof textOfFrame(dialect, endpoint, noise)).toBe('string');
        expect(typeof textOfAnswer(dialect, endpoint, noise)).toBe('string');
      }),
    );
  });
});

describe('the text of an answer', () => {
  const message = {
    content: 'Hello',
    reasoning_content: 'hm',
    tool_calls: [{ function: { name: 'f', arguments: '{}' } }],
  };
  it.each<[Dialect, Endpoint, unknown, string]>([
    ['openai', 'chat', { choices: [{ message }, { message: { content: '!' } }] }, 'Hellohmf{}!'],
    ['openai', 'completions', { choices: [{ text: 'abc' }] }, 'abc'],
    ['openai', 'embeddings', { data: [{ embedding: [1, 2, 3] }] }, ''],
    [
      'openai',
      'responses',
      {
        output: [
          { type: 'reasoning', summary: [{ text: 'hm' }] },
          { type: 'message', content: [{ type: 'output_text', text: 'Hello' }] },
          { type: 'function_call', name: 'f', arguments: '{}' },
        ],
      },
      'hmHellof{}',
    ],
    [
      'anthropic',
      'messages',
      {
        content: [
          { type: 'thinking', thinking: 'hm', signature: 'AAAA' },
          { type: 'text', text: 'Hello' },
          { type: 'tool_use', name: 'f', input: { a: 1 } },
        ],
      },
      'hmHellof{"a":1}',
    ],
  ])('%s %s is everything the model wrote', (dialect, endpoint, answer, text) => {
    expect(textOfAnswer(dialect, endpoint, answer)).toBe(text);
  });
});
