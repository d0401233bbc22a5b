import type { Dialect, Endpoint } from '#domain/usage/read-usage';
import { JsonTap } from './json-tap.js';
import { StreamTap } from './stream-tap.js';
import type { UsageTap } from './usage-tap.js';

export interface Answered {
  readonly dialect: Dialect;
  readonly endpoint: Endpoint;
  readonly contentType: string;
  /** The client did not ask for the usage of its stream: the frame that is there for it alone is taken out. */
  readonly hideUsage: boolean;
}

export function tapFor({ dialect, endpoint, contentType, hideUsage }: Answered): UsageTap {
  if (contentType.includes('text/event-stream')) return new StreamTap(dialect, endpoint, hideUsage);
  return new JsonTap(dialect, endpoint);
}
