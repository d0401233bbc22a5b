import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A stretch of network between a process and a server, to be made as bad as networks are. */
export interface TcpProxy {
  /** A server’s URL, by way of this proxy. */
  through(url: string): string;
  /** Connections stay open and carry nothing any more, as after a firewall forgot them; new ones work. */
  halfOpen(): void;
  /** New ones carry nothing either, until `heal`. */
  swallowAll(): void;
  /** New connections work again. Those that went silent stay so: what was swallowed does not come back. */
  heal(): void;
  /** From here on it leads to another server; whoever was connected has to come again. */
  aim(url: string): void;
  /** How many connections were ever opened. */
  readonly opened: number;
  close(): Promise<void>;
}

export async function startTcpProxy(target: string): Promise<TcpProxy> {
  let { hostname, port } = new URL(target);
  const pairs = new Set<[Socket, Socket]>();
  let swallowing = false;
  let opened = 0;

  const server = createServer((near) => {
    opened++;
    const far = connect(Number(port), hostname);
    const pair: [Socket, Socket] = [near, far];
    pairs.add(pair);
    for (const [from, to] of [pair, [far, near] as const]) {
      from.on('error', () => {});
      from.on('close', () => {
        pairs.delete(pair);
        to.destroy();
      });
      if (!swallowing) from.pipe(to);
    }
    if (swallowing) silence(pair);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const own = (server.address() as AddressInfo).port;

  return {
    through(url) {
      const by = new URL(url);
      by.hostname = '127.0.0.1';
      by.port = String(own);
      return by.href;
    },
    halfOpen() {
      for (const pair of pairs) silence(pair);
    },
    swallowAll() {
      swallowing = true;
      for (const pair of pairs) silence(pair);
    },
    heal() {
      swallowing = false;
    },
    aim(url) {
      ({ hostname, port } = new URL(url));
      for (const [near] of pairs) near.destroy();
    },
    get opened() {
      return opened;
    },
    async close() {
      for (const [near, far] of pairs) {
        near.destroy();
        far.destroy();
      }
      server.close();
      await once(server, 'close');
    },
  };
}

/** Not even read from: the sender's buffers fill up, and a close of one end is not passed on. */
function silence([near, far]: [Socket, Socket]): void {
  for (const [from, to] of [
    [near, far],
    [far, near],
  ] as const) {
    from.unpipe(to);
    from.pause();
  }
}
