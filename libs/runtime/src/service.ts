import type { DynamicModule, INestMicroservice } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { MicroserviceOptions } from '@nestjs/microservices';
import type { Rpc } from '#contracts/rpc';
import { BusServer, type Complete } from '#rpc/server';
import { app, type Config, type Kit, type Shape } from './app.js';
import { nestLog } from './log.js';
import { isOutage } from './postgres.js';
import type { Start } from './run.js';
import { VERSION } from './version.js';

interface Service<S extends Shape> {
  readonly name: 'keys' | 'usage' | 'policy';
  readonly settings: S;
  readonly contract: Record<string, Rpc>;
  readonly module: (kit: Kit<Config<S>>) => DynamicModule;
  readonly complete?: (nest: INestMicroservice) => Complete;
}

/** An app that is reached over the bus. */
export function service<S extends Shape>({ name, settings, contract, module, complete }: Service<S>): Start {
  return app({
    name,
    settings,
    open: async (kit) => {
      const server = new BusServer({
        connection: kit.bus,
        service: name,
        version: VERSION,
        contract,
        isOutage,
        log: kit.log,
      });
      kit.health.watch('bus', () => server.assertServing());
      const nest = await NestFactory.createMicroservice<MicroserviceOptions>(module(kit), {
        strategy: server,
        logger: nestLog(kit.log),
        abortOnError: false,
      });
      kit.closing(() => nest.close());
      server.complete = complete?.(nest);
      await nest.listen();
      return null;
    },
  });
}
