import type { IncomingMessage } from 'node:http';
import { Refused } from '#contracts/refusals';

/** The whole body, as it came. One that is too large is refused as soon as that is known, and not read to its end. */
export function readBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  const tooLarge = () =>
    new Refused('request_too_large', {
      message: `The request body is larger than ${limit} bytes.`,
      details: { limit_bytes: limit },
    });
  if (Number(request.headers['content-length'] ?? 0) > limit) return Promise.reject(tooLarge());
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > limit) {
        request.pause();
        reject(tooLarge());
        return;
      }
      chunks.push(chunk);
    });
    request.on('end', () => resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, size)));
    request.on('error', reject);
    request.on('close', () => reject(new Error('the client left before it had sent its request')));
  });
}
