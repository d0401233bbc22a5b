import type { UsableKey } from '#contracts/keys';
import type { Refused } from '#contracts/refusals';
import type { Credentials } from '../upstream/credentials.js';
import type { ProjectKeys } from '../upstream/own-keys.js';
import type { Providers } from '../upstream/providers.js';
import { bodyFor, type Call } from './call.js';
import type { Exchange } from './exchange.js';
import type { Ending } from './metering.js';
import type { Offer } from './offers.js';
import { requestHeaders } from './provider-headers.js';
import { Relay, type Tries } from './relay.js';

interface Parts {
  readonly providers: Providers;
  readonly credentials: Credentials;
  readonly clientIdleMs: number;
  /** Within this the provider has begun to answer, whatever happens on the way. */
  readonly answerMs: number;
  /** What is forwarded is settled exactly once. */
  readonly settle: (sending: Sending, ending: Ending) => void;
  readonly refuse: (exchange: Exchange, refused: Refused) => number;
}

/**
 * One call on its way to whoever answers it. A request is sent again only where that can't be twice: no connection was
 * made, or the provider answered that it does not serve it now. What has begun to reach the client is never begun again.
 */
export class Sending implements Tries {
  /** Who serves it, or was asked last. */
  offer: Offer;
  isOwnKey = false;
  private readonly left: Offer[];
  private isSecondTry = false;

  constructor(
    private readonly parts: Parts,
    readonly exchange: Exchange,
    readonly key: UsableKey,
    readonly call: Call,
    offers: readonly Offer[],
    private readonly own: ProjectKeys,
  ) {
    this.left = [...offers];
    this.offer = offers[0] as Offer;
  }

  get clientIdleMs(): number {
    return this.parts.clientIdleMs;
  }

  /** To the first route that can be asked at all. Throws where that is none. */
  start(): void {
    const problem = this.next();
    if (problem) throw problem.error;
  }

  connected(isMade: boolean): void {
    const link = this.parts.providers.linkTo(this.offer.route.provider);
    if (isMade) link.connected();
    else link.notConnected(Date.now());
  }

  another(failure: 'unconnected' | 'answered'): boolean {
    // Where there is nobody else, a connection is tried once more: the provider may have been between two processes.
    if (failure === 'unconnected' && this.left.length === 0 && !this.isSecondTry) {
      this.isSecondTry = true;
      this.left.push(this.offer);
    }
    return this.left.length > 0 && this.next() === null;
  }

  settle(ending: Ending): void {
    this.parts.settle(this, ending);
  }

  refuse(refused: Refused): number {
    return this.parts.refuse(this.exchange, refused);
  }

  /** Null where a request is on its way; else why the last route could not be asked. */
  private next(): { readonly error: unknown } | null {
    let problem: { error: unknown } | null = null;
    for (let offer = this.pick(); offer; offer = this.pick()) {
      try {
        this.send(offer);
        return null;
      } catch (error) {
        problem = { error };
      }
    }
    return problem;
  }

  /** The first that is left; one that could not be reached lately comes after the others. */
  private pick(): Offer | undefined {
    if (this.left.length < 2) return this.left.pop();
    const now = Date.now();
    const { providers } = this.parts;
    const at = this.left.findIndex(({ route }) => !providers.linkTo(route.provider).isResting(now));
    return this.left.splice(Math.max(at, 0), 1)[0];
  }

  private send(offer: Offer): void {
    const { exchange, call } = this;
    const { providers, credentials, answerMs } = this.parts;
    const { route } = offer;
    const link = providers.linkTo(route.provider);
    const { secret, own } = credentials.credentialFor(route.provider, this.own);
    this.offer = offer;
    this.isOwnKey = own;
    exchange.dueAt = Date.now() + answerMs;
    link.pool.dispatch(
      {
        path: link.pathOf(call.endpoint.upstreamPath),
        method: 'POST',
        headers: requestHeaders(call.endpoint, call.stream, exchange.request.headers, secret),
        body: bodyFor(call, route, exchange.outputCap),
      },
      new Relay(exchange, this),
    );
  }
}
