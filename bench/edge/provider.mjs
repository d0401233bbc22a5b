/** A provider that costs next to nothing: raw sockets, answers made beforehand. `node provider.mjs <port>` */
import { createServer } from 'node:net';
import { ANSWER, frames } from './bodies.mjs';

const GAP_MILLISECONDS = 5;
const STREAM = '"stream":true';

const answer = Buffer.from(
  `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(ANSWER)}\r\n\r\n${ANSWER}`,
);
const begin = Buffer.from('HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n');
const chunks = frames().map((frame) => Buffer.from(`${Buffer.byteLength(frame).toString(16)}\r\n${frame}\r\n`));
const end = Buffer.from('0\r\n\r\n');

/** @type {Map<import('node:net').Socket, number>} The next frame of each open stream. */
const streams = new Map();
setInterval(() => {
  for (const [socket, next] of streams) {
    const chunk = chunks[next];
    if (socket.destroyed || !chunk) streams.delete(socket);
    else streams.set(socket, next + 1);
    if (!socket.destroyed) socket.write(chunk ?? end);
  }
}, GAP_MILLISECONDS);

createServer({ noDelay: true }, (socket) => {
  let waiting = Buffer.alloc(0);
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk) => {
    waiting = waiting.length ? Buffer.concat([waiting, chunk]) : chunk;
    for (let size = sizeOf(waiting); size <= waiting.length; size = sizeOf(waiting)) {
      const streaming = waiting.subarray(0, size).includes(STREAM);
      waiting = waiting.subarray(size);
      socket.write(streaming ? begin : answer);
      if (streaming) streams.set(socket, 0);
    }
  });
}).listen(Number(process.argv[2]), '127.0.0.1', 4096);

/** Of the request at the front, when it is whole. @param {Buffer} bytes */
function sizeOf(bytes) {
  const head = bytes.indexOf('\r\n\r\n');
  if (head < 0) return Number.POSITIVE_INFINITY;
  const text = bytes.latin1Slice(0, head).toLowerCase();
  const length = /content-length: *(\d+)/.exec(text);
  if (length) return head + 4 + Number(length[1]);
  if (!text.includes('chunked')) return head + 4;
  const last = bytes.indexOf('0\r\n\r\n', head);
  return last < 0 ? Number.POSITIVE_INFINITY : last + 5;
}
