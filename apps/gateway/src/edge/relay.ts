import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';
import { Refused } from '#contracts/refusals';
import type { Exchange } from './exchange.js';
import type { Ending } from './metering.js';
import { type Answered, tapFor } from './tap-for.js';
import type { UsageTap } from './usage-tap.js';

const LAST_WORDS_MILLISECONDS = 1000;

interface Handlers {
  /** What was asked for, and how its answer is read. */
  readonly asked: Omit<Answered, 'contentType'>;
  readonly settle: (ending: Ending) => void;
  /** The provider could not be asked: nothing has reached the client yet. */
  readonly refuse: (refused: Refused) => void;
}

/** Carries a provider's answer to the client, chunk by chunk, no faster than the client reads. Ends exactly once. */
export class Relay implements Dispatcher.DispatchHandler {
  private controller?: Dispatcher.DispatchController;
  private tap?: UsageTap;
  private status = 0;
  private firstByteAt: number | null = null;
  private ended = false;

  constructor(
    private readonly exchange: Exchange,
    private readonly handlers: Handlers,
  ) {
    exchange.breakOff = (refused) => this.cut(refused);
    // The client left: the provider must not go on generating for nobody.
    exchange.response.once('close', () => {
      if (this.ended) return;
      this.end('aborted');
      this.controller?.abort(new Error('the client has left'));
    });
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.controller = controller;
    if (this.ended) controller.abort(new Error('the client has left'));
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    if (this.ended || status < 200) return;
    this.status = status;
    this.firstByteAt = Date.now();
    const type = headers['content-type'] ?? 'application/json';
    this.tap = tapFor({ ...this.handlers.asked, contentType: type });
    const length = headers['content-length'];
    this.exchange.response.writeHead(status, {
      'content-type': type,
      ...(length !== undefined && !this.tap.isStream ? { 'content-length': length } : {}),
      ...(headers['retry-after'] === undefined ? {} : { 'retry-after': headers['retry-after'] }),
      'cache-control': 'no-store',
      ...this.exchange.headers(),
    });
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (!this.ended && this.tap) this.write(controller, this.tap.pass(chunk));
  }

  onResponseEnd(): void {
    if (this.ended) return;
    const rest = this.tap?.rest();
    if (rest) this.exchange.response.write(rest);
    this.end(this.status < 400 ? 'ok' : 'provider_error');
    this.exchange.response.end();
  }

  onResponseError(_: Dispatcher.DispatchController | undefined, error: Error): void {
    if (this.ended) return;
    this.end('failed');
    const late = /timeout/i.test(error.name);
    const refused = new Refused(late ? 'upstream_timeout' : 'upstream_error', { cause: error });
    if (this.exchange.response.headersSent) this.breakOff(refused);
    else this.handlers.refuse(refused);
  }

  /** The key is no longer good: what was used until now is charged, and the client is told why there is no more. */
  private cut(refused: Refused): void {
    if (this.ended) return;
    // Ended first: the abort comes back as an error of the provider, before it returns.
    this.end('aborted');
    this.controller?.abort(new Error(`the call was cut: ${refused.code}`));
    if (this.exchange.response.headersSent) this.breakOff(refused);
    else this.handlers.refuse(refused);
  }

  private write(controller: Dispatcher.DispatchController, bytes: Buffer | null): void {
    if (!bytes || this.exchange.response.write(bytes)) return;
    controller.pause();
    this.exchange.response.once('drain', () => controller.resume());
  }

  /** A stream that broke never ends as if it had succeeded: an error event, and then the connection goes. */
  private breakOff({ message, type, code }: Refused): void {
    const { response, visibleId } = this.exchange;
    if (!this.tap?.isStream) {
      response.destroy();
      return;
    }
    const body = {
      type: 'error',
      error: { message, type, code, param: null, details: { error_code: code } },
      request_id: visibleId,
    };
    response.end(`event: error\ndata: ${JSON.stringify(body)}\n\n`);
    // A client that does not read would keep the connection, and what waits in it, for as long as it likes.
    setTimeout(() => response.destroy(), LAST_WORDS_MILLISECONDS).unref();
  }

  private end(outcome: Ending['outcome']): void {
    this.ended = true;
    this.handlers.settle({
      outcome,
      status: this.status,
      sent: this.controller !== undefined,
      tap: this.tap ?? null,
      firstByteAt: this.firstByteAt,
    });
  }
}
