import { at } from './at.js';

/** What a model has to read of a call. */
export interface Prompt {
  readonly text: string;
  /** Tokens that came as such: completions and embeddings take their numbers. */
  readonly tokens: number;
  readonly messages: number;
  readonly images: number;
}

/** The fields of any endpoint that a model reads. */
const READ = ['messages', 'system', 'instructions', 'input', 'prompt', 'suffix', 'tools', 'functions'];
/** What is said about a part, and not what it says. */
const ABOUT = new Set(['role', 'type', 'id', 'tool_call_id', 'call_id', 'tool_use_id', 'cache_control', 'detail']);
/** Bytes in base64 and addresses of pictures: read, but not as text. */
const BYTES = new Set(['data', 'file_data', 'image_url', 'url', 'signature', 'encrypted_content']);
const IMAGES = new Set(['image_url', 'input_image', 'image']);

/** Of a request in any dialect: its shape is the provider's business, so whatever is there is looked through. */
export function promptIn(call: unknown): Prompt {
  const found: Found = { texts: [], tokens: 0, images: 0 };
  for (const name of READ) gather(at(call, name), found);
  const messages = at(call, 'messages') ?? at(call, 'input');
  return {
    text: found.texts.join('\n'),
    tokens: found.tokens,
    messages: Array.isArray(messages) && typeof messages[0] === 'object' ? messages.length : 1,
    images: found.images,
  };
}

interface Found {
  readonly texts: string[];
  tokens: number;
  images: number;
}

function gather(value: unknown, found: Found): void {
  if (typeof value === 'string') found.texts.push(value);
  else if (typeof value === 'number') found.tokens++;
  else if (Array.isArray(value)) for (const item of value) gather(item, found);
  else if (typeof value === 'object' && value !== null) gatherFields(value, found);
}

function gatherFields(value: object, found: Found): void {
  if (IMAGES.has(at(value, 'type') as string)) found.images++;
  for (const [name, field] of Object.entries(value)) {
    if (ABOUT.has(name) || (BYTES.has(name) && typeof field === 'string')) continue;
    gather(field, found);
  }
}
