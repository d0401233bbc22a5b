import type { Received } from '../received.js';
import type { Tokens } from '../scenario.js';

/** What is going to be said, before it is said in somebody's dialect. */
export interface Saying {
  readonly id: string;
  readonly model: string;
  readonly texts: readonly string[];
  readonly tokens: Tokens;
  /** False where the provider is to keep its usage to itself. */
  readonly tellsUsage: boolean;
  readonly request: Received;
}

/** One server-sent event. */
export interface Frame {
  readonly event?: string;
  readonly data: string;
  /** It carries a chunk of the text. */
  readonly isText?: boolean;
}

/** How one endpoint of a provider speaks. */
export interface Voice {
  whole(saying: Saying): object;
  /** None where the endpoint has no streams. */
  frames?(saying: Saying): Iterable<Frame>;
  errorFrame(message: string): Frame;
  errorBody(status: number, message: string): object;
  /** What is wrong with a request, as the real provider would find. */
  objection(request: Received): string | null;
  headers(id: string): Record<string, string>;
}

/** A moment of its own: answers are the same on every day. */
export const CREATED = 1_700_000_000;
