import { setTimeout as delay } from 'node:timers/promises';
import { connect, type NatsConnection, type NodeConnectionOptions, type Status } from '@nats-io/transport-node';
import { type Log, nestLog } from './log.js';

export interface ConnectBusOptions {
  /** `nats://user:password@host:4222`, or `tls://…`; several servers of one cluster with commas between. */
  readonly url: string;
  /** Of the service: seen in the server's monitoring, and prefix of its inboxes, which permissions are bound to. */
  readonly name: string;
  readonly log?: Log;
  /** Gives up waiting for the first connection. */
  readonly signal?: AbortSignal;
}

const RETRY_MS = 250;
const COMPLAIN_MS = 5_000;

/**
 * The connection of a process. It waits until there is a server and, from then on, comes back by itself with
 * its subscriptions; meanwhile requests time out and nothing else breaks.
 */
export async function connectBus({ url, name, log = nestLog('bus'), signal }: ConnectBusOptions) {
  const options = optionsOf(url, name);
  let complained = 0;
  for (;;) {
    signal?.throwIfAborted();
    try {
      const connection = await connect(options);
      log.info({ server: connection.getServer() }, 'connected to NATS');
      void tell(connection, log);
      return connection;
    } catch (error) {
      // Our own loop, not `waitOnFirstConnect`: that one waits in silence, and forgets why.
      if (Date.now() - complained >= COMPLAIN_MS) {
        complained = Date.now();
        log.warn({ err: error, servers: options.servers }, 'NATS cannot be reached yet; trying again');
      }
      await delay(RETRY_MS, undefined, { signal });
    }
  }
}

function optionsOf(url: string, name: string): NodeConnectionOptions & { servers: string[] } {
  const urls = url.split(',').map((each) => new URL(each.includes('://') ? each.trim() : `nats://${each.trim()}`));
  const [{ username, password, protocol }] = urls as [URL, ...URL[]];
  const credentials = password
    ? { user: decodeURIComponent(username), pass: decodeURIComponent(password) }
    : { token: username ? decodeURIComponent(username) : undefined };
  return {
    ...credentials,
    servers: urls.map(({ hostname, port }) => `${hostname}:${port || 4222}`),
    tls: protocol === 'tls:' ? {} : undefined,
    name,
    inboxPrefix: `_INBOX_${name}`,
    // A frozen server still accepts connections; without a limit of our own it is waited for 20 seconds.
    timeout: 1_000,
    maxReconnectAttempts: -1,
    reconnectTimeWait: RETRY_MS,
    reconnectJitter: 100,
    // Two refused passwords in a row would end the connection for good, also while a server's config is rolled out.
    ignoreAuthErrorAbort: true,
    pingInterval: 2_000,
    maxPingOut: 2,
  };
}

async function tell(connection: NatsConnection, log: Log): Promise<void> {
  for await (const status of connection.status()) tellOne(status, log);
  const error = await connection.closed();
  if (error) log.error({ err: error }, 'the connection to NATS has ended');
  else log.info({}, 'the connection to NATS is closed');
}

function tellOne(status: Status, log: Log): void {
  if (status.type === 'disconnect') log.warn({ server: status.server }, 'NATS is gone; reconnecting');
  if (status.type === 'reconnect') log.info({ server: status.server }, 'reconnected to NATS');
  if (status.type === 'staleConnection') log.warn({}, 'NATS does not answer pings; reconnecting');
  if (status.type === 'ldm') log.warn({ server: status.server }, 'NATS is about to shut down');
  if (status.type === 'slowConsumer') log.warn({ subject: status.sub.getSubject() }, 'messages are read too slowly');
  if (status.type === 'error') log.error({ err: status.error }, 'NATS reports an error');
}
