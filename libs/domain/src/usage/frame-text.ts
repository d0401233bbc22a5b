import { at } from './at.js';
import type { Dialect, Endpoint } from './read-usage.js';

/**
 * The text a frame of a stream carries: everything the model wrote, whether said, thought, refused or meant for a tool,
 * because all of it is output.
 */
export function textOfFrame(dialect: Dialect, endpoint: Endpoint, frame: unknown): string {
  if (dialect === 'anthropic') return ofAnthropicEvent(frame);
  return endpoint === 'responses' ? ofResponsesEvent(frame) : ofChoices(at(frame, 'choices'));
}

function ofChoices(choices: unknown): string {
  return joined(choices, (choice) => text(at(choice, 'text')) + textOfMessage(at(choice, 'delta')));
}

/** What one message says, or one piece of it. */
export function textOfMessage(message: unknown): string {
  return (
    text(at(message, 'content')) +
    text(at(message, 'refusal')) +
    // Thinking has two names among the providers of this dialect; who sends both sends the same text twice.
    (text(at(message, 'reasoning_content')) || text(at(message, 'reasoning'))) +
    ofCall(at(message, 'function_call')) +
    joined(at(message, 'tool_calls'), (call) => ofCall(at(call, 'function')) + text(at(call, 'custom', 'input')))
  );
}

function ofCall(call: unknown): string {
  return text(at(call, 'name')) + text(at(call, 'arguments'));
}

function ofResponsesEvent(event: unknown): string {
  const type = at(event, 'type');
  if (type === 'response.output_item.added') return text(at(event, 'item', 'name'));
  // A sound is bytes in base64, not text.
  if (typeof type !== 'string' || !type.endsWith('.delta') || type === 'response.audio.delta') return '';
  return text(at(event, 'delta'));
}

function ofAnthropicEvent(event: unknown): string {
  switch (at(event, 'type')) {
    case 'content_block_start':
      return text(at(event, 'content_block', 'name')) + text(at(event, 'content_block', 'text'));
    case 'content_block_delta':
      return (
        text(at(event, 'delta', 'text')) +
        text(at(event, 'delta', 'thinking')) +
        text(at(event, 'delta', 'partial_json'))
      );
    default:
      return '';
  }
}

export function joined(items: unknown, textOf: (item: unknown) => string): string {
  return Array.isArray(items) ? items.map(textOf).join('') : '';
}

export function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
