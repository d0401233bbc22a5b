import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

const HEADERS_MILLISECONDS = 15_000;
const REQUEST_MILLISECONDS = 300_000;
const KEEP_ALIVE_MILLISECONDS = 65_000;
const CHECK_MILLISECONDS = 1000;

/** One server for everything, with an end to all waiting for a client. */
export function createHttpServer(
  clientIdleMs: number,
  serve: (request: IncomingMessage, response: ServerResponse) => void,
): Server {
  const server = createServer(
    {
      keepAliveTimeout: KEEP_ALIVE_MILLISECONDS,
      headersTimeout: Math.min(HEADERS_MILLISECONDS, clientIdleMs),
      requestTimeout: REQUEST_MILLISECONDS,
      connectionsCheckingInterval: CHECK_MILLISECONDS,
    },
    (request, response) => {
      toOriginForm(request);
      serve(request, response);
    },
  );
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => refuseRaw(error, socket));
  return server;
}

/** A URL with a host in it, as a proxy is asked, means the same path here; the host is not looked at. */
function toOriginForm(request: IncomingMessage): void {
  const { url = '/' } = request;
  if (url.startsWith('/')) return;
  if (!URL.canParse(url)) return;
  const { pathname, search } = new URL(url);
  request.url = pathname + search;
}

const STATUS: Readonly<Record<string, readonly [number, string]>> = {
  HPE_HEADER_OVERFLOW: [431, 'The headers of the request are too large.'],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [413, 'The chunks of the request have too much beside their data.'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'The request did not arrive in time.'],
};

/** What is no HTTP request gets an answer as well, where one can still be sent, and the connection ends. */
function refuseRaw(error: NodeJS.ErrnoException, socket: Socket & { _httpMessage?: ServerResponse }): void {
  // A connection that was opened ahead and never used ends silently: a no could be taken for the answer to a request just sent.
  const isUnused = error.code === 'ERR_HTTP_REQUEST_TIMEOUT' && socket.bytesRead === 0;
  if (!socket.writable || socket._httpMessage?.headersSent || error.code === 'ECONNRESET' || isUnused) {
    socket.destroy();
    return;
  }
  const [status, message] = STATUS[error.code ?? ''] ?? [400, 'This is not a valid HTTP request.'];
  const code = status === 413 ? 'request_too_large' : 'invalid_request';
  const details = { error_code: code };
  const body = JSON.stringify({
    type: 'error',
    error: { message, type: 'invalid_request_error', code, param: null, details },
  });
  const head = [
    `HTTP/1.1 ${status} Refused`,
    'content-type: application/json',
    `content-length: ${body.length}`,
    `x-keyward-error-code: ${code}`,
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroy());
}
