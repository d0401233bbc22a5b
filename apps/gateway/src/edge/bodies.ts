import type { IncomingMessage } from 'node:http';
import { Refused } from '#contracts/refusals';
import type { Exchange, UnderWay } from './exchange.js';

interface Limits {
  readonly bytesEach: number;
  /** Of all bodies that are in memory at the same time. */
  readonly bytesTotal: number;
  /** How long a client may send nothing before its body is whole. */
  readonly idleMs: number;
}

const FIRST_CAPACITY = 64 * 1024;
/** A client's word on its length is good for so much memory; for more it has to send something. */
const TRUSTED_LENGTH = 1024 * 1024;

/** Bodies up to here have a quarter of the memory to themselves: large ones that never end do not shut out the usual ones. */
const SMALL_BYTES = 64 * 1024;

/** The bodies of all requests, from their first byte until they are answered: a gateway has only so much memory for them. */
export class Bodies {
  private held = 0;

  constructor(private readonly limits: Limits) {}

  /** The whole body, as it came. One that is too large is refused as soon as that is known, and not read to its end. */
  read(exchange: Exchange): Promise<Buffer> {
    try {
      assertPlain(exchange.request);
      assertFits(declaredLength(exchange), this.limits.bytesEach);
    } catch (error) {
      return Promise.reject(error);
    }
    return new Promise((resolve, reject) => {
      exchange.underWay = new BodyReader(exchange, this, this.limits, resolve, reject);
    });
  }

  take(exchange: Exchange, bytes: number): void {
    // What says that it will be large is large from its first piece on.
    const isSmall = Math.max(exchange.heldBytes + bytes, declaredLength(exchange)) <= SMALL_BYTES;
    const { bytesTotal } = this.limits;
    if (this.held + bytes > (isSmall ? bytesTotal : 0.75 * bytesTotal)) {
      throw new Refused('service_unavailable', { cause: new Error('too much memory is taken by request bodies') });
    }
    this.held += bytes;
    exchange.heldBytes += bytes;
  }

  release(exchange: Exchange): void {
    this.held -= exchange.heldBytes;
    exchange.heldBytes = 0;
  }

  get heldBytes(): number {
    return this.held;
  }
}

/** One body on its way in. Many small pieces become one buffer at once, so that none of them is kept for its own sake. */
class BodyReader implements UnderWay {
  private buffer: Buffer | null = null;
  private size = 0;
  private isOver = false;

  constructor(
    private readonly exchange: Exchange,
    private readonly bodies: Bodies,
    private readonly limits: Limits,
    private readonly resolve: (bytes: Buffer) => void,
    private readonly reject: (error: Error) => void,
  ) {
    const { request } = exchange;
    exchange.dueAt = exchange.startedAt + limits.idleMs;
    request.on('data', (chunk: Buffer) => this.add(chunk));
    request.on('end', () => this.end());
  }

  cut(refused: Refused): void {
    this.fail(refused);
  }

  overdue(): void {
    const message = `The request body has not arrived: nothing came for ${this.limits.idleMs} ms.`;
    this.exchange.isLast = true;
    this.fail(new Refused('invalid_request', { message }));
  }

  left(): void {
    this.fail(new Error('the client left before it had sent its request'));
  }

  private add(chunk: Buffer): void {
    if (this.isOver) return;
    this.exchange.dueAt = Date.now() + this.limits.idleMs;
    try {
      assertFits(this.size + chunk.length, this.limits.bytesEach);
      this.keep(chunk);
    } catch (error) {
      this.exchange.request.pause();
      this.fail(error as Error);
    }
  }

  /** Most bodies come in one piece: that one is kept as it is. */
  private keep(chunk: Buffer): void {
    const size = this.size + chunk.length;
    if (!this.buffer) {
      this.bodies.take(this.exchange, size);
      this.buffer = chunk;
    } else {
      if (size > this.buffer.length) this.grow(size);
      chunk.copy(this.buffer, this.size);
    }
    this.size = size;
  }

  private grow(size: number): void {
    const old = this.buffer as Buffer;
    const declared = declaredLength(this.exchange);
    const wanted = Math.max(size, Math.min(declared, TRUSTED_LENGTH), 2 * old.length, FIRST_CAPACITY);
    const capacity = Math.max(size, declared > 0 ? Math.min(wanted, declared) : wanted);
    this.bodies.take(this.exchange, capacity - old.length);
    const grown = Buffer.allocUnsafeSlow(capacity);
    old.copy(grown, 0, 0, this.size);
    this.buffer = grown;
  }

  private end(): void {
    if (this.isOver) return;
    this.over();
    this.resolve(this.buffer ? this.buffer.subarray(0, this.size) : Buffer.alloc(0));
  }

  private fail(error: Error): void {
    if (this.isOver) return;
    this.over();
    this.buffer = null;
    this.reject(error);
  }

  private over(): void {
    this.isOver = true;
    this.exchange.dueAt = Number.POSITIVE_INFINITY;
    this.exchange.underWay = undefined;
  }
}

function declaredLength({ request }: Exchange): number {
  return Number(request.headers['content-length'] ?? 0);
}

function assertFits(size: number, limit: number): void {
  if (size <= limit) return;
  throw new Refused('request_too_large', {
    message: `The request body is larger than ${limit} bytes.`,
    details: { limit_bytes: limit },
  });
}

/** A body that has to be unpacked first can become anything, and of any size. */
function assertPlain({ headers }: IncomingMessage): void {
  const coding = headers['content-encoding'];
  if (coding !== undefined && coding.toLowerCase() !== 'identity')
    throw new Refused('unsupported_media_type', { message: 'The request body must not be compressed.' });
  const transfer = headers['transfer-encoding'];
  if (transfer !== undefined && transfer.toLowerCase() !== 'chunked')
    throw new Refused('invalid_request', { message: 'The only Transfer-Encoding this server takes is chunked.' });
}
