import type { IncomingMessage, ServerResponse } from 'node:http';
import type { UsableKey } from '#contracts/keys';
import { Refused } from '#contracts/refusals';
import { digestOf } from '#domain/key/secret';
import type { KeyDoor } from '#keyring/key-door';
import { CALLS_NEED, refusalOf } from '#keyring/refusal-of';
import type { SecretUses } from '#keyring/secret-uses';
import type { CatalogueDirectory } from '#policy/catalogue-directory';
import type { Log } from '#runtime/log';
import type { ProfileShelf } from '#runtime/profile-shelf';
import type { Profile } from '#runtime/profiles';
import type { Doorkeeper } from '../limits/doorkeeper.js';
import type { KeyStanding } from '../limits/key-standing.js';
import type { UsageOutbox } from '../spool/usage-outbox.js';
import type { Credentials } from '../upstream/credentials.js';
import type { OwnKeys } from '../upstream/own-keys.js';
import type { Providers } from '../upstream/providers.js';
import type { Bodies } from './bodies.js';
import { mostOutputOf, readCall } from './call.js';
import { credentialOf } from './credential.js';
import { deniedTrace } from './denied-trace.js';
import { type Endpoint, endpointAt } from './endpoints.js';
import { Exchange } from './exchange.js';
import type { LiveCalls } from './live-calls.js';
import { type Ending, Metering } from './metering.js';
import { modelsAnswer, modelsAt } from './model-list.js';
import { offersOf, routesFor } from './offers.js';
import { type OwnRequests, requestIdIn } from './own-requests.js';
import type { RuleStep } from './rule-step.js';
import { Sending } from './sending.js';
import { deniedEvent, intendedEvent, settledEvent } from './settlement.js';
import type { Traffic } from './traffic.js';
import { inTurn } from './turns.js';

interface Parts {
  readonly profiles: Pick<ProfileShelf, 'get'>;
  readonly door: KeyDoor;
  readonly live: LiveCalls;
  readonly uses: SecretUses;
  readonly catalogue: CatalogueDirectory;
  readonly rules: RuleStep;
  readonly providers: Providers;
  readonly credentials: Credentials;
  readonly ownKeys: OwnKeys;
  readonly doorkeeper: Doorkeeper;
  readonly standing: KeyStanding;
  readonly requests: OwnRequests;
  readonly outbox: UsageOutbox;
  readonly bodies: Bodies;
  readonly traffic: Traffic;
  readonly log: Log;
  readonly clientIdleMs: number;
  readonly answerMs: number;
}

/**
 * The life of a request: secret → key → usable → route → rules → reserve → send → settle. Outside Nest's pipeline and without a promise
 * where none is needed, because every client of every provider waits here.
 */
export class Edge {
  private readonly metering = new Metering();
  private active = 0;
  private idle?: () => void;
  private readonly sending: ConstructorParameters<typeof Sending>[0];

  constructor(private readonly parts: Parts) {
    const { providers, credentials, clientIdleMs, answerMs } = parts;
    this.sending = {
      providers,
      credentials,
      clientIdleMs,
      answerMs,
      settle: (sending, ending) => this.settle(sending, ending),
      refuse: (exchange, refused) => this.refuse(exchange, refused),
    };
  }

  serve(request: IncomingMessage, response: ServerResponse): void {
    inTurn(request, response, () => void this.live(new Exchange(request, response)));
  }

  /** Resolves when no request is under way any more, and what they used is known. */
  async drained(): Promise<void> {
    if (this.active > 0)
      await new Promise<void>((resolve) => {
        this.idle = resolve;
      });
    await this.metering.idle();
  }

  private async live(exchange: Exchange): Promise<void> {
    this.active++;
    exchange.response.once('close', () => this.leave(exchange));
    const path = pathOf(exchange.request);
    const endpoint = endpointAt(path);
    try {
      const secret = credentialOf(exchange.request);
      exchange.digest = digestOf(secret);
      const key = this.knownKey(exchange) ?? (await this.lookUp(secret, exchange));
      exchange.assertWanted();
      assertUsable(key, exchange.startedAt);
      this.parts.live.enter(exchange);
      if (endpoint) await this.forward(exchange, key, endpoint);
      else await this.answer(exchange, key, path);
    } catch (error) {
      this.notSent(exchange, error, endpoint);
    }
  }

  private async forward(exchange: Exchange, key: UsableKey, endpoint: Endpoint): Promise<void> {
    const { bodies, catalogue, rules, ownKeys } = this.parts;
    assertMethod(exchange.request, 'POST', endpoint.path);
    const bytes = await bodies.read(exchange);
    const own = ownKeys.peek(key) ?? (await ownKeys.find(key));
    // A body can take its time to arrive; what was true of the key at its first byte may not be at its last.
    exchange.assertWanted();
    assertUsable(key, Date.now());
    const call = readCall(endpoint, bytes);
    exchange.call = call;
    const model = catalogue.modelOf(call.model);
    const routes = await rules.routesFor(exchange, key, call, model, routesFor(model, call));
    // Rules of a key that was not met before are asked for: meanwhile it may have been revoked, or nobody waits any more.
    exchange.assertWanted();
    // It is let in and charged as the same key: one that has changed meanwhile is another in both.
    const now = exchange.key ?? key;
    const offers = offersOf(exchange, now, model, routes);
    const reserved = this.parts.doorkeeper.reserve({ exchange, key: now, call, offers, own });
    if (reserved) await reserved;
    if (exchange.cutBy) throw exchange.cutBy;
    if (!exchange.isGone) this.send(new Sending(this.sending, exchange, now, call, offers, own));
    else exchange.hold?.void();
  }

  /** Written down before anybody is asked: what is forwarded is on the bill, whatever becomes of this process. */
  private send(sending: Sending): void {
    const { exchange, call } = sending;
    this.parts.outbox.begin(intendedEvent(sending), (problem) => {
      try {
        if (problem) throw problem;
        if (exchange.isGone) this.parts.outbox.forget(exchange.requestId);
        exchange.assertWanted();
        sending.start();
      } catch (error) {
        this.notSent(exchange, error, call.endpoint);
      }
    });
  }

  private notSent(exchange: Exchange, error: unknown, endpoint: Endpoint | undefined): void {
    exchange.hold?.void();
    if (!exchange.isGone) this.deny(exchange, error, endpoint);
  }

  private settle(sending: Sending, ending: Ending): void {
    const endedAt = Date.now();
    const { dialect, name: endpoint } = sending.call.endpoint;
    const { exchange, call } = sending;
    const mostOutput = () => mostOutputOf(call, exchange.outputCap);
    this.metering.bill({ dialect, endpoint, body: call.body.bytes, mostOutput }, ending, (bill, outcome) => {
      const event = settledEvent(sending, { ...ending, outcome }, bill, endedAt);
      this.parts.outbox.add(event);
      this.parts.traffic.ended(event);
      const tokens = event.input_tokens + event.output_tokens;
      exchange.hold?.settle(BigInt(event.cost_nanos), tokens, event.own_key);
    });
  }

  private async answer(exchange: Exchange, key: UsableKey, path: string): Promise<void> {
    const { catalogue, rules } = this.parts;
    const asked = requestIdIn(path);
    if (path === '/v1/key' || asked !== undefined) return this.answerOwn(exchange, key, path, asked);
    const models = modelsAt(path);
    const { method } = exchange.request;
    if (!models) throw new Refused('not_found', { message: `There is no ${method} ${path.slice(0, 200)} here.` });
    assertMethod(exchange.request, 'GET', path);
    this.parts.uses.note(key, exchange.startedAt);
    exchange.answer(modelsAnswer(await rules.usable(exchange, key, catalogue.models()), models.one));
  }

  /** What a key is and has left; or one of its requests. */
  private async answerOwn(exchange: Exchange, key: UsableKey, path: string, requestId?: string): Promise<void> {
    const { uses, standing, requests } = this.parts;
    assertMethod(exchange.request, 'GET', path);
    uses.note(key, exchange.startedAt);
    exchange.answer(
      await (requestId === undefined ? standing.of(key, exchange.startedAt) : requests.of(key, requestId)),
    );
  }

  /** A key this gateway has met: no I/O, no promise. */
  private knownKey(exchange: Exchange): UsableKey | undefined {
    const key = this.parts.door.peek(exchange.digest);
    if (key) this.recognise(key, exchange);
    return key;
  }

  /** A secret that was never minted here is refused by its checksum; only what may be a key is looked up. */
  private async lookUp(secret: string, exchange: Exchange): Promise<UsableKey> {
    const { door } = this.parts;
    exchange.profile = door.secrets.profileOf(secret);
    const key = await door.find(secret, exchange.digest, exchange.startedAt);
    if (!key) throw new Refused('invalid_api_key');
    this.recognise(key, exchange);
    return key;
  }

  private recognise(key: UsableKey, exchange: Exchange): void {
    exchange.key = key;
    exchange.profile = this.parts.profiles.get(key.profile);
  }

  /** Whoever owns the key finds in its log what it was refused. */
  private deny(exchange: Exchange, error: unknown, endpoint: Endpoint | undefined): void {
    const refused = error instanceof Refused ? error : new Refused('internal_error', { cause: error });
    const status = this.refuse(exchange, refused);
    this.parts.traffic.refused(refused.code, status);
    const { key } = exchange;
    if (key && endpoint) {
      const event = deniedEvent(exchange, key, endpoint.path, refused, status);
      this.parts.outbox.add(event, () => deniedTrace(exchange, refused));
    }
  }

  private refuse(exchange: Exchange, refused: Refused): number {
    if (refused.status >= 500)
      this.parts.log.warn({ err: refused, request_id: exchange.requestId }, 'a request could not be served');
    return exchange.refuse(refused, this.parts.profiles.get('keyward') as Profile);
  }

  private leave(exchange: Exchange): void {
    exchange.underWay?.left();
    this.parts.live.leave(exchange);
    this.parts.bodies.release(exchange);
    if (--this.active === 0) this.idle?.();
  }
}

function assertUsable(key: UsableKey, now: number): void {
  const refused = refusalOf(key, now, CALLS_NEED);
  if (refused) throw refused;
}

function assertMethod({ method }: IncomingMessage, allow: string, path: string): void {
  if (method !== allow)
    throw new Refused('method_not_allowed', { message: `${path} takes ${allow}.`, details: { allow } });
}

function pathOf({ url = '/' }: IncomingMessage): string {
  const query = url.indexOf('?');
  return query < 0 ? url : url.slice(0, query);
}
