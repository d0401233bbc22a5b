import type { Dialect, Endpoint as EndpointName } from '#domain/usage/read-usage';
import { generation, type Translation } from './generation.js';

/** A door of the edge through which models are called. */
export interface Endpoint {
  /** What a client asks for; the ledger's name of it as well. */
  readonly path: string;
  /** What the provider is asked for, under its origin. */
  readonly upstreamPath: string;
  /** Whose shapes these are: only providers that speak them can serve it. */
  readonly dialect: Dialect;
  readonly name: EndpointName;
  /** Its streams tell their usage only to who asks, with `stream_options.include_usage`. */
  readonly asksForUsage: boolean;
  /** Where clients speak a dialect of ours, and not the provider's. */
  readonly translation?: Translation;
}

const openAi = (path: string, name: EndpointName, asksForUsage = false): Endpoint => ({
  path,
  upstreamPath: path,
  dialect: 'openai',
  name,
  asksForUsage,
});

const ENDPOINTS: readonly Endpoint[] = [
  openAi('/v1/chat/completions', 'chat', true),
  openAi('/v1/completions', 'completions', true),
  openAi('/v1/embeddings', 'embeddings'),
  openAi('/v1/responses', 'responses'),
  {
    path: '/v1/messages',
    upstreamPath: '/v1/messages',
    dialect: 'anthropic',
    name: 'messages',
    asksForUsage: false,
  },
  {
    path: '/v1/generate',
    upstreamPath: '/v1/chat/completions',
    dialect: 'openai',
    name: 'chat',
    asksForUsage: false,
    translation: generation,
  },
];

const BY_PATH: ReadonlyMap<string, Endpoint> = new Map(ENDPOINTS.map((endpoint) => [endpoint.path, endpoint]));

export function endpointAt(path: string): Endpoint | undefined {
  return BY_PATH.get(path);
}
