import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';
import { Refused } from '#contracts/refusals';
import type { Call } from './call.js';
import type { Exchange, UnderWay } from './exchange.js';
import type { Ending } from './metering.js';
import { answeredHeaders } from './provider-headers.js';
import { isWorthAnother, providerRefusal } from './provider-refusal.js';
import { tapFor } from './tap-for.js';
import type { UsageTap } from './usage-tap.js';

const LAST_WORDS_MILLISECONDS = 1000;
/** Of an answer nobody wants any more: reading so much keeps the connection, more is not worth it. */
const DISCARDED_BYTES = 64 * 1024;
/** Of an answer that has to be translated as a whole. */
const TRANSLATED_BYTES = 16 * 1024 * 1024;

/** What the relay of one try reports to. Exactly one of these is called last, and `settle` at most once for all tries. */
export interface Tries {
  readonly call: Call;
  readonly clientIdleMs: number;
  /** A connection to the provider is there, or could not be made. */
  connected(isMade: boolean): void;
  /** Starts another try, where there is one. */
  another(failure: 'unconnected' | 'answered'): boolean;
  settle(ending: Ending): void;
  /** Nothing has reached the client yet; the status it then got. */
  refuse(refused: Refused): number;
}

/** Carries a provider's answer to the client, chunk by chunk, no faster than the client reads. Ends exactly once. */
export class Relay implements Dispatcher.DispatchHandler, UnderWay {
  private controller?: Dispatcher.DispatchController;
  private tap?: UsageTap;
  private status = 0;
  private firstByteAt: number | null = null;
  private ended = false;
  private discarded = 0;
  /** An answer that goes to the client in other words, when it is whole. */
  private collected: Buffer[] | null = null;
  private collectedBytes = 0;

  constructor(
    private readonly exchange: Exchange,
    private readonly tries: Tries,
  ) {
    exchange.underWay = this;
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.controller = controller;
    this.tries.connected(true);
    if (this.ended) controller.abort(new Error('nobody waits for it any more'));
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    if (this.ended || status < 200) return;
    this.status = status;
    this.firstByteAt = Date.now();
    this.exchange.dueAt = Number.POSITIVE_INFINITY;
    if (isWorthAnother(status) && this.giveWay('answered')) return;
    const refused = providerRefusal(status, headers);
    if (refused) this.refuse('provider_error', refused);
    else this.begin(status, headers);
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.ended) {
      this.discarded += chunk.length;
      if (this.discarded > DISCARDED_BYTES) controller.abort(new Error('too much of an answer that is not wanted'));
      return;
    }
    const bytes = this.tap?.pass(chunk);
    if (!bytes) return;
    if (this.collected) this.collect(bytes, controller);
    else if (!this.exchange.response.write(bytes)) this.waitForClient(controller);
  }

  onResponseEnd(): void {
    if (this.ended) return;
    const { response } = this.exchange;
    if (this.collected) {
      this.answerTranslated(this.collected);
      return;
    }
    const rest = this.tap?.rest();
    if (rest) response.write(rest);
    this.end(this.status < 400 ? 'ok' : 'provider_error', this.status);
    response.end();
  }

  onResponseError(_: Dispatcher.DispatchController | null, error: Error): void {
    const isUnconnected = this.controller === undefined;
    if (isUnconnected) this.tries.connected(false);
    if (this.ended) return;
    if (isUnconnected && this.giveWay('unconnected')) return;
    const isLate = /timeout/i.test(error.name);
    this.fail('failed', new Refused(isLate ? 'upstream_timeout' : 'upstream_error', { cause: error }));
  }

  /** The key is no longer good: what was used until now is charged, and the client is told why there is no more. */
  cut(refused: Refused): void {
    if (this.ended) return;
    this.fail('aborted', refused);
  }

  /** The provider has not begun to answer, or the client has stopped to read. */
  overdue(): void {
    if (this.ended) {
      this.exchange.response.destroy();
      return;
    }
    if (this.firstByteAt === null) this.fail('failed', new Refused('upstream_timeout'));
    else this.exchange.response.destroy();
  }

  /** The client has left: the provider must not go on generating for nobody. */
  left(): void {
    if (this.ended) return;
    this.end('aborted', this.exchange.response.headersSent ? this.status : 0);
    this.controller?.abort(new Error('the client has left'));
  }

  private begin(status: number, headers: IncomingHttpHeaders): void {
    const { exchange, tries } = this;
    const { endpoint, hidesUsage } = tries.call;
    const answered = answeredHeaders(headers);
    const { 'content-type': contentType = 'application/json' } = answered;
    answered['content-type'] = contentType;
    this.tap = tapFor({ dialect: endpoint.dialect, endpoint: endpoint.name, contentType, hideUsage: hidesUsage });
    if (endpoint.translation && status < 400) {
      this.collected = [];
      return;
    }
    const length = headers['content-length'];
    if (typeof length === 'string' && !this.tap.isStream) answered['content-length'] = length;
    exchange.response.writeHead(status, Object.assign(answered, exchange.headers()));
  }

  /** Another try takes over; whatever still comes of this one is nobody's. */
  private giveWay(failure: 'unconnected' | 'answered'): boolean {
    // Said first: where the other try fails at once, it must find this one over.
    this.ended = true;
    if (this.tries.another(failure)) return true;
    this.ended = false;
    return false;
  }

  private collect(bytes: Buffer, controller: Dispatcher.DispatchController): void {
    this.collected?.push(bytes);
    this.collectedBytes += bytes.length;
    if (this.collectedBytes <= TRANSLATED_BYTES) return;
    const cause = new Error('the answer is too large to be translated');
    this.refuse('failed', new Refused('upstream_error', { cause }));
    controller.abort(cause);
  }

  private answerTranslated(chunks: readonly Buffer[]): void {
    const answer = this.tries.call.endpoint.translation?.answer(parse(Buffer.concat(chunks)));
    if (!answer) {
      const cause = new Error('the provider’s answer is not what the endpoint promises');
      this.refuse('failed', new Refused('upstream_error', { cause }));
      return;
    }
    this.end('ok', 200);
    this.exchange.answer(answer);
  }

  private waitForClient(controller: Dispatcher.DispatchController): void {
    const { exchange } = this;
    controller.pause();
    exchange.dueAt = Date.now() + this.tries.clientIdleMs;
    exchange.response.once('drain', () => {
      exchange.dueAt = Number.POSITIVE_INFINITY;
      controller.resume();
    });
  }

  /** It ends badly: with a refusal where nothing has been said yet, and else in the middle of the answer. */
  private fail(outcome: 'failed' | 'aborted', refused: Refused): void {
    // Ended first: the abort comes back as an error of the provider, before it returns.
    if (this.exchange.response.headersSent) {
      this.end(outcome, this.status, refused.code);
      this.breakOff(refused);
    } else this.refuse(outcome, refused);
    this.controller?.abort(new Error(`the call was cut: ${refused.code}`));
  }

  private refuse(outcome: Ending['outcome'], refused: Refused): void {
    this.end(outcome, this.tries.refuse(refused), refused.code);
  }

  /** A stream that broke never ends as if it had succeeded: an error event, and then the connection goes. */
  private breakOff({ message, type, code }: Refused): void {
    const { response, visibleId } = this.exchange;
    if (!this.tap?.isStream) {
      response.destroy();
      return;
    }
    const error = { message, type, code, param: null, details: { error_code: code } };
    const body = { type: 'error', error, request_id: visibleId };
    response.end(`event: error\ndata: ${JSON.stringify(body)}\n\n`);
    // A client that does not read would keep the connection, and what waits in it, for as long as it likes.
    setTimeout(() => response.destroy(), LAST_WORDS_MILLISECONDS).unref();
  }

  private end(outcome: Ending['outcome'], told: number, code: string | null = null): void {
    this.ended = true;
    // What is still on its way to the client has its time as well.
    this.exchange.dueAt = Date.now() + this.tries.clientIdleMs;
    this.tries.settle({
      outcome,
      status: this.status,
      told,
      code,
      sent: this.controller !== undefined,
      tap: this.tap ?? null,
      firstByteAt: this.firstByteAt,
    });
  }
}

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return null;
  }
}
