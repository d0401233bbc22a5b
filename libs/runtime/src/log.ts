import type { LoggerService } from '@nestjs/common';
import { type Logger, pino } from 'pino';

export type Log = Logger;

const REDACTED = ['password', 'secret', 'key', 'token', 'authorization', 'cookie', 'credential'];

/** Anything long enough to be a secret of any profile is cut short, wherever it stands in a line: ids have 26 letters, secrets 32 and more. */
const SECRET_TEXT = /\b((?:[A-Za-z][A-Za-z0-9]{1,11}[_-]){1,4}[0-9A-Za-z]{4})[0-9A-Za-z]{28,}\b/g;
const BEARER = /(Bearer\s+)[^\s"']{12,}/gi;
/** A scheme has a few letters: unbounded, a long word without one would be tried from each of its letters to its end. */
const URL_PASSWORD = /(\w{1,20}:\/\/[^:@/\s"]+:)[^@/\s"]+@/g;

export function scrub(line: string): string {
  return line.replace(SECRET_TEXT, '$1…').replace(BEARER, '$1…').replace(URL_PASSWORD, '$1…@');
}

/** JSON lines on standard output; never a secret in one. */
export function createLog(
  service: string,
  level: string,
  write: (line: string) => void = (line) => process.stdout.write(line),
): Log {
  return pino(
    {
      level,
      base: { service },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: [...REDACTED, ...REDACTED.map((name) => `*.${name}`)], censor: '…' },
    },
    { write: (line: string) => write(scrub(line)) },
  );
}

/** What Nest itself has to say, in the same lines. */
export function nestLog(log: Log): LoggerService {
  const at =
    (level: 'info' | 'error' | 'warn' | 'debug' | 'trace') =>
    (message: unknown, ...rest: unknown[]) => {
      const context = typeof rest.at(-1) === 'string' ? rest.pop() : undefined;
      log[level]({ context, detail: rest.length ? rest : undefined }, String(message));
    };
  // Nest narrates every module and route it loads; that belongs to debugging.
  return {
    log: at('debug'),
    error: at('error'),
    warn: at('warn'),
    debug: at('debug'),
    verbose: at('trace'),
    fatal: at('error'),
  };
}
