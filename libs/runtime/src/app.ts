import type { NatsConnection } from '@nats-io/transport-node';
import type { Registry } from 'prom-client';
import type { z } from 'zod';
import { connectBus } from '#rpc/connect';
import { readConfig } from './config.js';
import { HealthBoard } from './health.js';
import { createLog, type Log } from './log.js';
import { Ops } from './ops.js';
import type { Start } from './run.js';
import { BASE } from './settings.js';

export type Shape = z.ZodRawShape;
export type Config<S extends Shape> = z.output<z.ZodObject<typeof BASE>> & z.output<z.ZodObject<S>>;

/** What every app is given to stand on. */
export interface Kit<Configuration> {
  readonly config: Configuration;
  readonly env: NodeJS.ProcessEnv;
  readonly log: Log;
  readonly health: HealthBoard;
  readonly ops: Ops;
  readonly metrics: Registry;
  readonly bus: NatsConnection;
  /** Runs when the app stops; what was named last goes first. */
  readonly closing: (close: () => unknown) => void;
}

interface App<S extends Shape> {
  readonly name: 'gateway' | 'keys' | 'usage' | 'policy';
  readonly settings: S;
  /** Brings the app up; the URL it is reached at, where it has one. */
  readonly open: (kit: Kit<Config<S>>) => Promise<string | null>;
}

/** The order of an app's birth and of its death, the same for all four. */
export function app<S extends Shape>({ name, settings, open }: App<S>): Start {
  return async (env) => {
    const config = readConfig({ ...BASE, ...settings }, env) as unknown as Config<S>;
    const log = createLog(name, config.KEYWARD_LOG_LEVEL);
    const health = new HealthBoard();
    const ops = new Ops(name, health);
    const closers: (() => unknown)[] = [];
    const closing = (close: () => unknown) => closers.push(close);
    const stop = async () => {
      health.stopping();
      for (const close of closers.splice(0).reverse()) {
        await Promise.resolve()
          .then(close)
          .catch((error: unknown) => log.warn({ err: error }, 'did not close cleanly'));
      }
      log.info('stopped');
    };
    try {
      // The probes answer before anything else is there: waiting for a dependency is not being dead.
      const opsUrl = await listenForProbes(ops, config, closing);
      const bus = await connectBus({ url: config.KEYWARD_NATS_URL, name, log });
      closing(() => bus.close());
      health.watch('nats', () => bus.rtt());
      const url = await open({ config, env, log, health, ops, metrics: ops.metrics, bus, closing });
      health.started();
      log.info({ url, ops: opsUrl }, 'up');
      return { name, url, opsUrl: opsUrl ?? url, stop };
    } catch (error) {
      await stop();
      throw error;
    }
  };
}

async function listenForProbes(
  ops: Ops,
  config: Config<Shape>,
  closing: (close: () => unknown) => void,
): Promise<string | null> {
  if (config.KEYWARD_OPS_PORT === undefined) return null;
  const listener = await ops.listen(config.KEYWARD_HOST, config.KEYWARD_OPS_PORT);
  closing(() => listener.close());
  return listener.url;
}
