import { at } from './at.js';
import { joined, text, textOfMessage } from './frame-text.js';
import type { Dialect, Endpoint } from './read-usage.js';

/** The text of an answer that came in one piece: everything the model wrote, as in a stream. */
export function textOfAnswer(dialect: Dialect, endpoint: Endpoint, answer: unknown): string {
  if (dialect === 'anthropic') return joined(at(answer, 'content'), ofBlock);
  if (endpoint === 'responses') return joined(at(answer, 'output'), ofItem);
  return joined(at(answer, 'choices'), (choice) => text(at(choice, 'text')) + textOfMessage(at(choice, 'message')));
}

function ofBlock(block: unknown): string {
  const input = at(block, 'input');
  return (
    text(at(block, 'text')) +
    text(at(block, 'thinking')) +
    text(at(block, 'name')) +
    (input === undefined ? '' : JSON.stringify(input))
  );
}

/** A message, a call of a tool, or a summary of what was thought. */
function ofItem(item: unknown): string {
  const parts = (name: string) => joined(at(item, name), (part) => text(at(part, 'text')) + text(at(part, 'refusal')));
  return (
    parts('content') + parts('summary') + text(at(item, 'name')) + text(at(item, 'arguments')) + text(at(item, 'input'))
  );
}
