import { Redis } from 'ioredis';
import type { Log } from './log.js';

/**
 * ioredis with every time-out set: out of the box a frozen server holds a command for ever, and a missing one queues
 * commands without end. A command that cannot be sent now fails now; the caller knows what to do without Redis.
 */
export function openRedis(url: string, log: Log): Redis {
  const redis = new Redis(url, {
    connectTimeout: 1000,
    commandTimeout: 300,
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
    keepAlive: 5000,
    retryStrategy: (attempt) => Math.min(50 * attempt, 500),
    reconnectOnError: (error) => error.message.startsWith('READONLY'),
  });
  let down = false;
  redis.on('error', (error: Error) => {
    if (!down) log.warn({ err: error.message }, 'redis is away');
    down = true;
  });
  redis.on('ready', () => {
    if (down) log.warn('redis is back');
    down = false;
  });
  return redis;
}
