import { at } from './at.js';
import { anthropicUsage, type Dialect, type Endpoint, type ReadUsage, readUsage } from './read-usage.js';

/**
 * What a stream used, read while it passes: fed the data of one SSE frame after the other. It never throws and keeps
 * nothing of the text, so a provider that sends nonsense costs a frame and not the request.
 */
export class StreamUsage {
  /** The provider's final word; null until then, and for good where it never comes. */
  usage: ReadUsage | null = null;
  /** What it has said so far, which may be only the input, or an output that still grows: for a stream that breaks off. */
  stated: ReadUsage | null = null;
  /** The provider has said that this was all. */
  completed = false;
  /** The provider has said that it failed. */
  failed = false;

  private readonly begun = new Set<unknown>();
  private readonly finished = new Set<unknown>();
  private readonly anthropic: Record<string, unknown> = {};

  constructor(
    private readonly dialect: Dialect,
    private readonly endpoint: Endpoint,
  ) {}

  /** What the frame says; undefined for what is no JSON. */
  take(data: string): unknown {
    if (data === '[DONE]' && this.dialect === 'openai') {
      this.completed = true;
      this.usage ??= this.stated;
      return undefined;
    }
    const frame = parse(data);
    if (typeof frame !== 'object' || frame === null) return undefined;
    if (at(frame, 'error') || at(frame, 'type') === 'error') this.failed = true;
    if (this.dialect === 'anthropic') this.takeMessages(frame);
    else if (this.endpoint === 'responses') this.takeResponses(frame);
    else this.takeChoices(frame);
    return frame;
  }

  /** The usage comes in a frame of its own, with the last choice, or in every frame and growing. */
  private takeChoices(frame: object): void {
    const choices = at(frame, 'choices');
    for (const choice of Array.isArray(choices) ? choices : []) {
      const index = at(choice, 'index') ?? 0;
      this.begun.add(index);
      if (at(choice, 'finish_reason')) this.finished.add(index);
    }
    const usage = readUsage('openai', this.endpoint, frame);
    if (!usage) return;
    this.stated = usage;
    const isAlone = Array.isArray(choices) && choices.length === 0;
    if (isAlone || (this.begun.size > 0 && this.finished.size === this.begun.size)) this.usage = usage;
  }

  private takeResponses(event: object): void {
    const usage = readUsage('openai', 'responses', at(event, 'response'));
    if (usage) this.stated = usage;
    switch (at(event, 'type')) {
      case 'response.completed':
      case 'response.incomplete':
        this.completed = true;
        this.usage = usage;
        break;
      case 'response.failed':
        this.failed = true;
        this.usage = usage;
    }
  }

  /** The input is said at the start and the output at the end; what the end says again replaces the start, and is not added. */
  private takeMessages(event: object): void {
    switch (at(event, 'type')) {
      case 'message_start':
        this.state(at(event, 'message', 'usage'));
        break;
      case 'message_delta':
        this.state(at(event, 'usage'));
        if (at(event, 'usage', 'output_tokens') !== undefined) this.usage = this.stated;
        break;
      case 'message_stop':
        this.completed = true;
    }
  }

  private state(usage: unknown): void {
    for (const name of ANTHROPIC_COUNTS) this.anthropic[name] = at(usage, name) ?? this.anthropic[name];
    this.stated = anthropicUsage(this.anthropic);
  }
}

const ANTHROPIC_COUNTS = [
  'input_tokens',
  'cache_read_input_tokens',
  'cache_creation_input_tokens',
  'cache_creation',
  'output_tokens',
];

function parse(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    return undefined;
  }
}
