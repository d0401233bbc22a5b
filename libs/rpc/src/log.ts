import { Logger } from '@nestjs/common';

/** Where the bus writes what operators must know. A pino logger fits as it is. */
export interface Log {
  info(facts: object, message: string): void;
  warn(facts: object, message: string): void;
  error(facts: object, message: string): void;
}

/** For whoever hands in no log: Nest's own, so that an unexpected error is never lost. */
export function nestLog(context: string): Log {
  const logger = new Logger(context);
  return {
    info: (facts, message) => logger.log(message, facts),
    warn: (facts, message) => logger.warn(message, facts),
    error: (facts, message) => logger.error(message, facts),
  };
}
