import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Books } from './books.js';
import type { Control } from './control.js';
import { Provider } from './provider.js';

const LOOPBACK = '127.0.0.1';

export interface FakeUpstream {
  /** Its origin: both dialects are under `/v1`. */
  readonly url: string;
  readonly record: Books;
  readonly control: Control;
  /** Nobody listens any more: a new connection is refused, and what is under way goes on. */
  refuseConnections(): void;
  acceptConnections(): Promise<void>;
  stop(): Promise<void>;
}

interface Options {
  /** What `/v1/models` knows; any model is answered. */
  readonly models?: readonly string[];
}

/** A provider for tests: speaks as OpenAI and as Anthropic, fails on demand, and knows exactly what it billed. */
export async function startFakeUpstream({ models = ['fake'] }: Options = {}): Promise<FakeUpstream> {
  const provider = new Provider(models);
  let server = await listen(provider, 0);
  const { port } = server.address() as AddressInfo;
  const servers = [server];
  return {
    url: `http://${LOOPBACK}:${port}`,
    record: provider.books,
    control: provider.control,
    refuseConnections: () => void server.close(),
    acceptConnections: async () => {
      if (server.listening) return;
      server = await listen(provider, port);
      servers.push(server);
    },
    stop: async () => {
      const closed = servers.map((each) => (each.listening ? closing(each) : undefined));
      await provider.stop();
      for (const each of servers) each.closeAllConnections();
      await Promise.all(closed);
    },
  };
}

async function listen(provider: Provider, port: number): Promise<Server> {
  // A test that pauses must not find its idle connection closed under its hands.
  const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => provider.handle(request, response));
  server.listen(port, LOOPBACK);
  await once(server, 'listening');
  return server;
}

function closing(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
  });
}
