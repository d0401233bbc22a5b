import { createHash } from 'node:crypto';
import type { Duplex } from 'node:stream';
import type { Cluster, Redis } from 'ioredis';

export type Server = Redis | Cluster;

/** A Lua script, sent whole only to a server that has not seen it. Text in its replies is bytes: some of it is packed numbers. */
export class Script {
  private readonly sha: string;

  constructor(private readonly text: string) {
    this.sha = createHash('sha1').update(text).digest('hex');
  }

  async run(server: Server, keys: string[], args: (string | number)[]): Promise<unknown> {
    leaveTogether(server);
    try {
      return await server.callBuffer('evalsha', this.sha, keys.length, ...keys, ...args);
    } catch (error) {
      if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
      return server.callBuffer('eval', this.text, keys.length, ...keys, ...args);
    }
  }
}

const gathering = new WeakSet<Duplex>();

/** What is asked in one turn of the event loop leaves in one write: under load a system call for each would cost half of asking. */
function leaveTogether(server: Server): void {
  const stream: Duplex | undefined = 'stream' in server ? server.stream : undefined;
  if (!stream || gathering.has(stream)) return;
  gathering.add(stream);
  stream.cork();
  setImmediate(() => {
    gathering.delete(stream);
    stream.uncork();
  });
}
