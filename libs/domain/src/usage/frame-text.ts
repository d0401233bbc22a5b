import { at } from './at.js';
import type { Dialect, Endpoint } from './read-usage.js';

/**
 * How much text a frame of a stream carries: everything the model wrote, whether said, thought, refused or meant for a
 * tool, because all of it is output. In UTF-16 units, which add up to the same however a text was cut into frames.
 */
export function charactersIn(dialect: Dialect, endpoint: Endpoint, frame: unknown): number {
  if (dialect === 'anthropic') return inAnthropicEvent(frame);
  return endpoint === 'responses' ? inResponsesEvent(frame) : inChoices(at(frame, 'choices'));
}

function inChoices(choices: unknown): number {
  return sum(choices, (choice) => length(at(choice, 'text')) + inDelta(at(choice, 'delta')));
}

function inDelta(delta: unknown): number {
  return (
    length(at(delta, 'content')) +
    length(at(delta, 'refusal')) +
    // Thinking has two names among the providers of this dialect; who sends both sends the same text twice.
    (length(at(delta, 'reasoning_content')) || length(at(delta, 'reasoning'))) +
    inCall(at(delta, 'function_call')) +
    sum(at(delta, 'tool_calls'), (call) => inCall(at(call, 'function')) + length(at(call, 'custom', 'input')))
  );
}

function inCall(call: unknown): number {
  return length(at(call, 'name')) + length(at(call, 'arguments'));
}

function inResponsesEvent(event: unknown): number {
  const type = at(event, 'type');
  if (type === 'response.output_item.added') return length(at(event, 'item', 'name'));
  // A sound is bytes in base64, not text.
  if (typeof type !== 'string' || !type.endsWith('.delta') || type === 'response.audio.delta') return 0;
  return length(at(event, 'delta'));
}

function inAnthropicEvent(event: unknown): number {
  switch (at(event, 'type')) {
    case 'content_block_start':
      return length(at(event, 'content_block', 'name')) + length(at(event, 'content_block', 'text'));
    case 'content_block_delta':
      return (
        length(at(event, 'delta', 'text')) +
        length(at(event, 'delta', 'thinking')) +
        length(at(event, 'delta', 'partial_json'))
      );
    default:
      return 0;
  }
}

function sum(items: unknown, measure: (item: unknown) => number): number {
  return Array.isArray(items) ? items.reduce((total: number, item) => total + measure(item), 0) : 0;
}

function length(text: unknown): number {
  return typeof text === 'string' ? text.length : 0;
}
