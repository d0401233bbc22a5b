/**
 * A client on raw keep-alive sockets, because a comfortable one would measure itself. Prints one line of JSON.
 * `node load.mjs '{"url": …, "headers": […], "rate": 500 | 0, "connections": 64, "seconds": 4, "stream": false}'`
 * With a rate it is an open loop: who is late is measured from when the request was due. Without, each connection asks
 * again as soon as it has its answer.
 */
import { connect } from 'node:net';
import { question } from './bodies.mjs';

/** @typedef {{ socket: import('node:net').Socket, due: number, busy: boolean, head: Buffer | null, status: number,
 *   chunked: boolean, missing: number, tail: string, firstByte: number }} Line */

/** @type {{ url: string, headers: string[], rate: number, connections: number, seconds: number, stream: boolean }} */
const { url, headers, rate, connections, seconds, stream } = JSON.parse(process.argv[2] ?? '{}');
const WARM_MILLISECONDS = 1000;
const AFTER_MILLISECONDS = stream ? 1500 : 400;

const { host, hostname, port, pathname } = new URL(url);
const body = question({ stream });
const request = Buffer.from(
  [
    `POST ${pathname} HTTP/1.1`,
    `host: ${host}`,
    'content-type: application/json',
    ...headers,
    `content-length: ${Buffer.byteLength(body)}`,
    '',
    body,
  ].join('\r\n'),
);
const from = performance.now() + WARM_MILLISECONDS;
const until = from + seconds * 1000;
const told = { answered: 0, refused: 0, broken: 0, firstRefusal: '' };
/** @type {number[]} */
const latencies = [];
/** @type {number[]} */
const firstBytes = [];
/** @type {Line[]} */
const idle = [];
/** @type {number[]} Requests that are due and find no free connection. */
const late = [];
let over = false;

const lines = await Promise.all(Array.from({ length: connections }, open));
if (rate) await openLoop();
else for (const line of lines) ask(line, performance.now());
await new Promise((resolve) => setTimeout(resolve, until - performance.now() + AFTER_MILLISECONDS));
over = true;
const at = (/** @type {number[]} */ all, /** @type {number} */ part) =>
  all.sort((a, b) => a - b)[Math.floor(all.length * part)] ?? null;
console.log(
  JSON.stringify({
    ...told,
    seconds,
    p50: at(latencies, 0.5),
    p99: at(latencies, 0.99),
    firstByte: at(firstBytes, 0.5),
  }),
);
process.exit(0);

/** @returns {Promise<Line>} */
function open() {
  return new Promise((resolve, reject) => {
    const socket = connect({ port: Number(port), host: hostname, noDelay: true });
    /** @type {Line} */
    const line = {
      socket,
      due: 0,
      busy: false,
      head: null,
      status: 0,
      chunked: false,
      missing: 0,
      tail: '',
      firstByte: 0,
    };
    socket.once('connect', () => resolve(line));
    socket.once('error', reject);
    socket.on('data', (chunk) => hear(line, chunk));
    socket.on('close', () => void reopen(line));
  });
}

/** @param {Line} line */
async function reopen(line) {
  if (over) return;
  if (line.busy) told.broken++;
  const at = idle.indexOf(line);
  if (at >= 0) idle.splice(at, 1);
  const fresh = await open();
  if (rate) idle.push(fresh);
  else ask(fresh, performance.now());
}

async function openLoop() {
  idle.push(...lines);
  let next = performance.now();
  const turn = () => {
    const now = performance.now();
    for (; next <= now && next < until; next += 1000 / rate) {
      const line = idle.pop();
      // A timer that is a little late is our fault, and not the gateway's.
      if (line) ask(line, now - next < 2 ? performance.now() : next);
      else late.push(next);
    }
    if (now < until) setTimeout(turn, Math.max(0, next - performance.now()));
  };
  turn();
}

/** @param {Line} line @param {number} due */
function ask(line, due) {
  Object.assign(line, { due, busy: true, head: null, status: 0, tail: '' });
  line.socket.write(request);
}

/** @param {Line} line @param {Buffer} chunk */
function hear(line, chunk) {
  let rest = chunk;
  if (line.status === 0) {
    const seen = line.head ? Buffer.concat([line.head, chunk]) : chunk;
    const end = seen.indexOf('\r\n\r\n');
    line.head = seen;
    if (end < 0) return;
    readHead(line, seen.latin1Slice(0, end).toLowerCase());
    if (line.status !== 200) told.firstRefusal ||= seen.toString('latin1', 0, 400);
    rest = seen.subarray(end + 4);
  }
  if (line.chunked) {
    line.tail = (line.tail + rest.latin1Slice(Math.max(0, rest.length - 5))).slice(-5);
    if (line.tail !== '0\r\n\r\n') return;
  } else {
    line.missing -= rest.length;
    if (line.missing > 0) return;
  }
  finish(line, performance.now());
}

/** @param {Line} line @param {string} head */
function readHead(line, head) {
  line.firstByte = performance.now();
  line.status = Number(head.slice(9, 12));
  const length = /content-length: *(\d+)/.exec(head);
  line.chunked = !length;
  line.missing = Number(length?.[1] ?? 0);
}

/** @param {Line} line @param {number} now */
function finish(line, now) {
  line.busy = false;
  if (line.due >= from && line.due < until) {
    if (line.status === 200) told.answered++;
    else told.refused++;
    latencies.push(now - line.due);
    firstBytes.push(line.firstByte - line.due);
  }
  if (!rate) {
    if (now < until) ask(line, now);
    return;
  }
  const due = late.shift();
  if (due === undefined) idle.push(line);
  else ask(line, due);
}
