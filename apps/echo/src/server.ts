import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { complete, completionBody } from './completion.js';
import { EchoRefusal } from './refusal.js';
import { MODEL, readChatRequest } from './request.js';
import { streamCompletion } from './stream.js';

const MAX_BODY_BYTES = 16 * 1024 * 1024;

/** OpenAI's HTTP dialect, as much of it as a chat needs. */
export function createEchoServer({ paceMilliseconds }: { readonly paceMilliseconds: number }): Server {
  return createServer((request, response) => {
    response.setHeader('x-request-id', `req_${randomUUID().replaceAll('-', '')}`);
    answer(request, response, paceMilliseconds).catch((error: unknown) => {
      refuse(response, error);
      request.resume();
    });
  });
}

async function answer(request: IncomingMessage, response: ServerResponse, paceMilliseconds: number): Promise<void> {
  const [path] = (request.url ?? '').split('?');
  switch (`${request.method} ${path}`) {
    case 'GET /v1/models':
      return sendJson(response, 200, {
        object: 'list',
        data: [{ id: MODEL, object: 'model', created: 0, owned_by: 'keyward' }],
      });
    case 'POST /v1/chat/completions': {
      const asked = readChatRequest(await readBody(request));
      const completion = complete(asked, randomUUID().replaceAll('-', ''), new Date());
      if (!asked.stream) return sendJson(response, 200, completionBody(completion));
      return streamCompletion(response, completion, {
        includeUsage: asked.stream_options?.include_usage ?? false,
        paceMilliseconds,
      });
    }
    default:
      throw new EchoRefusal(404, 'unknown_url', `There is no ${request.method} ${path} here.`);
  }
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  // Left alone, leaving the loop early would destroy the connection, and the refusal with it.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) throw new EchoRefusal(413, null, `The body is larger than ${MAX_BODY_BYTES} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function refuse(response: ServerResponse, thrown: unknown): void {
  // In the middle of an answer, or with the client gone, the only honest sign left is to break off.
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const refusal = thrown instanceof EchoRefusal ? thrown : new EchoRefusal(500, null, 'The echo failed.');
  // What is left of a body nobody will read must not be taken for the next request.
  if (refusal.status === 413) response.setHeader('connection', 'close');
  sendJson(response, refusal.status, refusal.body);
}
