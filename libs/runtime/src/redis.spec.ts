import { expect, it } from '@jest/globals';
import { createLog } from './log.js';
import { RedisNodes } from './redis.js';

it.each([
  ['10.0.0.7', 'redis://user:word@10.0.0.7:7001'],
  ['fd00::7', 'redis://user:word@[fd00::7]:7001'],
  // As a cluster says it whose servers are reached by names that they do not know.
  [null, 'redis://user:word@redis.internal:7001'],
  ['', 'redis://user:word@redis.internal:7001'],
])('a server of a cluster that is called %j is reached at %s', (host, address) => {
  const nodes = new RedisNodes(
    'redis://user:word@redis.internal:7000, redis://user:word@other:7000',
    createLog('test', 'fatal'),
  );
  expect(nodes.addressOf(host, 7001)).toBe(address);
});
