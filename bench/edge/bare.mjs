/** What the platform itself costs: node:http and undici, the body read whole, headers copied, nothing decided. `node bare.mjs <port> <origin>` */
import { createServer } from 'node:http';
import { Pool } from 'undici';

const [port, origin = ''] = process.argv.slice(2);
const pool = new Pool(origin, { connections: 256, pipelining: 1 });
const HOP_BY_HOP = new Set(['connection', 'keep-alive', 'transfer-encoding', 'upgrade', 'te', 'trailer', 'host']);

createServer({ noDelay: true }, (request, response) => {
  /** @type {Buffer[]} */
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    const body = chunks.length === 1 ? chunks[0] : Buffer.concat(chunks);
    const headers = { ...endToEnd(request.headers), authorization: 'Bearer of-the-provider' };
    pool.dispatch({ path: request.url ?? '/', method: 'POST', headers, body }, new Answer(response));
  });
}).listen(Number(port), '127.0.0.1', 4096);

class Answer {
  ended = false;

  /** @param {import('node:http').ServerResponse} response */
  constructor(response) {
    this.response = response;
    response.once('close', () => {
      if (!this.ended) this.controller?.abort(new Error('the client has left'));
    });
  }

  /** @param {import('undici').Dispatcher.DispatchController} controller */
  onRequestStart(controller) {
    this.controller = controller;
  }

  /** @param {unknown} _ @param {number} status @param {import('node:http').IncomingHttpHeaders} headers */
  onResponseStart(_, status, headers) {
    this.response.writeHead(status, endToEnd(headers));
  }

  /** @param {import('undici').Dispatcher.DispatchController} controller @param {Buffer} chunk */
  onResponseData(controller, chunk) {
    if (this.response.write(chunk)) return;
    controller.pause();
    this.response.once('drain', () => controller.resume());
  }

  onResponseEnd() {
    this.ended = true;
    this.response.end();
  }

  onResponseError() {
    this.ended = true;
    this.response.destroy();
  }
}

/** @param {import('node:http').IncomingHttpHeaders} headers */
function endToEnd(headers) {
  /** @type {Record<string, string | string[]>} */
  const kept = {};
  for (const name in headers) {
    const value = headers[name];
    if (value !== undefined && !HOP_BY_HOP.has(name)) kept[name] = value;
  }
  return kept;
}
