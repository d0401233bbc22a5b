import { request as plainRequest } from 'node:http';
import { request } from 'node:https';
import { isIP } from 'node:net';
import { isPrivate, PrivateAddress, publicOnly } from './addresses.js';

const TIMEOUT_MILLISECONDS = 10_000;
const KEPT_BYTES = 1024;

interface Message {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Whether addresses that are not public will do: for development. */
  readonly anywhere: boolean;
}

export interface Answer {
  readonly status: number;
  /** The beginning of the body. */
  readonly text: string;
}

/** One POST, one answer, in bounded time and memory; a redirect is an answer like any other. */
export function post({ url, headers, body, anywhere }: Message): Promise<Answer> {
  const { protocol, hostname } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, '');
  return new Promise((resolve, reject) => {
    // Node does not look up what is an address already.
    if (!anywhere && isIP(host) && isPrivate(host)) throw new PrivateAddress(host);
    if (!anywhere && protocol !== 'https:') throw new Error('only https is allowed');
    const sent = (protocol === 'https:' ? request : plainRequest)(url, {
      method: 'POST',
      headers: { ...headers, 'content-length': Buffer.byteLength(body) },
      agent: false,
      signal: AbortSignal.timeout(TIMEOUT_MILLISECONDS),
      ...(anywhere ? {} : { lookup: publicOnly }),
    });
    sent.on('error', (error) => reject(late(error)));
    sent.on('response', (response) => {
      const kept: Buffer[] = [];
      let size = 0;
      const end = () => {
        resolve({ status: response.statusCode ?? 0, text: textOf(kept) });
        sent.destroy();
      };
      response.on('data', (chunk: Buffer) => {
        kept.push(chunk.subarray(0, KEPT_BYTES - size));
        size += chunk.length;
        if (size >= KEPT_BYTES) end();
      });
      response.on('end', end);
      response.on('error', (error) => reject(late(error)));
    });
    sent.end(body);
  });
}

function late(error: Error): Error {
  return error.name === 'AbortError' || error.name === 'TimeoutError'
    ? new Error(`no answer within ${TIMEOUT_MILLISECONDS / 1000} seconds`)
    : error;
}

/** Postgres keeps no NUL. */
function textOf(chunks: readonly Buffer[]): string {
  return Buffer.concat(chunks).toString('utf8').replaceAll('\0', '');
}
