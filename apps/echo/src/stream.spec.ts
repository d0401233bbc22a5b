import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { complete } from './completion.js';
import { readChatRequest } from './request.js';
import { streamCompletion } from './stream.js';

// About 45 MB as chunks: more than the kernel buffers for a reader who does not read.
const messages = [{ role: 'user', content: '. '.repeat(200_000) }];
const LONG = complete(readChatRequest(JSON.stringify({ model: 'echo', messages })), 'test', new Date(0));

let server: Server;
let response: ServerResponse;
let said: Promise<void>;

beforeEach(async () => {
  server = createServer((_request, given) => {
    response = given;
    said = streamCompletion(given, LONG, { includeUsage: false, paceMilliseconds: 0 });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterEach(() => {
  server.close();
});

describe('a stream', () => {
  it('goes no faster than its reader, and ends when the reader leaves', async () => {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    socket.pause();
    socket.write('GET / HTTP/1.1\r\nhost: echo\r\n\r\n');
    await once(server, 'request');
    await sleep(500);
    expect(response.writableLength).toBeLessThan(256 * 1024);
    expect(response.writableEnded).toBe(false);

    socket.destroy();
    await said;
    expect(response.writableEnded).toBe(false);
  });
});
