import type { IncomingMessage, ServerResponse } from 'node:http';
import type { UsableKey } from '#contracts/keys';
import { Refused } from '#contracts/refusals';
import type { UsageEvent } from '#contracts/usage';
import { digestOf } from '#domain/key/secret';
import type { Bill } from '#domain/usage/bill';
import type { KeyDoor } from '#keyring/key-door';
import { refusalOf } from '#keyring/refusal-of';
import type { SecretUses } from '#keyring/secret-uses';
import type { Log } from '#runtime/log';
import type { ProfileShelf } from '#runtime/profile-shelf';
import type { Profile } from '#runtime/profiles';
import type { CatalogueDirectory, Route } from '../directories/catalogue-directory.js';
import type { UsageOutbox } from '../spool/usage-outbox.js';
import type { Credentials } from '../upstream/credentials.js';
import type { Providers } from '../upstream/providers.js';
import { readBody } from './body.js';
import { bodyFor, type Call, readCall } from './call.js';
import { chargeFor } from './charge.js';
import { credentialOf } from './credential.js';
import { Exchange } from './exchange.js';
import { CALLS_NEED, type LiveCalls } from './live-calls.js';
import { type Ending, Metering } from './metering.js';
import { Relay } from './relay.js';

interface Parts {
  readonly profiles: Pick<ProfileShelf, 'get'>;
  readonly door: KeyDoor;
  readonly live: LiveCalls;
  readonly uses: SecretUses;
  readonly catalogue: CatalogueDirectory;
  readonly providers: Providers;
  readonly credentials: Credentials;
  readonly outbox: UsageOutbox;
  readonly log: Log;
  readonly bodyLimit: number;
}

/** The only endpoint there is so far. */
const ASKED = { dialect: 'openai', endpoint: 'chat' } as const;

/** A call on its way, as the ledger will know it. */
interface Sent {
  readonly exchange: Exchange;
  readonly key: UsableKey;
  readonly call: Call;
  readonly route: Route;
  readonly path: string;
  /** The project paid the provider itself. */
  readonly ownKey: boolean;
  readonly charge: ReturnType<typeof chargeFor>;
}

/**
 * The life of a request: secret → key → usable → route → send → settle. Outside Nest's pipeline and without a promise
 * where none is needed, because every client of every provider waits here.
 */
export class Edge {
  private readonly metering = new Metering();
  private active = 0;
  private idle?: () => void;

  constructor(private readonly parts: Parts) {}

  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const exchange = new Exchange(request, response);
    this.active++;
    response.once('close', () => this.leave(exchange));
    try {
      const secret = credentialOf(request);
      exchange.digest = digestOf(secret);
      const key = this.knownKey(exchange) ?? (await this.lookUp(secret, exchange));
      assertUsable(key, exchange.startedAt);
      this.parts.live.enter(exchange);
      const path = pathOf(request);
      if (path === '/v1/models' && request.method === 'GET') this.listModels(exchange, key);
      else if (path === '/v1/chat/completions') await this.complete(exchange, key, path);
      else throw new Refused('not_found', { message: `There is no ${request.method} ${path} here.` });
    } catch (error) {
      this.refuse(exchange, error);
    }
  }

  /** Resolves when no request is under way any more, and what they used is known. */
  async drained(): Promise<void> {
    if (this.active > 0)
      await new Promise<void>((resolve) => {
        this.idle = resolve;
      });
    await this.metering.idle();
  }

  private async complete(exchange: Exchange, key: UsableKey, path: string): Promise<void> {
    if (exchange.request.method !== 'POST') throw new Refused('method_not_allowed', { message: `${path} takes POST.` });
    const call = readCall(await readBody(exchange.request, this.parts.bodyLimit));
    // A body can take its time to arrive; what was true of the key at its first byte may not be at its last.
    if (exchange.cutBy) throw exchange.cutBy;
    assertUsable(key, Date.now());
    const [route] = this.parts.catalogue.routesOf(call.model);
    if (!route) throw new Refused('model_not_found', { param: 'model' });
    this.send(exchange, key, call, route, path);
  }

  private send(exchange: Exchange, key: UsableKey, call: Call, route: Route, path: string): void {
    const { providers, credentials } = this.parts;
    const charge = chargeFor(key, route, exchange.profile, exchange.startedAt);
    const { secret, own: ownKey } = credentials.credentialFor(route.provider, null);
    const relay = new Relay(exchange, {
      asked: { ...ASKED, hideUsage: call.stream && !call.wantsUsage },
      settle: (ending) => this.settle({ exchange, key, call, route, path, charge, ownKey }, ending),
      refuse: (refused) => this.refuse(exchange, refused),
    });
    providers.poolOf(route.provider).dispatch(
      {
        path: providers.pathOf(route.provider, path),
        method: 'POST',
        // Built anew: nothing of the client's headers reaches a provider unless it is named here.
        headers: {
          'content-type': 'application/json',
          accept: exchange.request.headers.accept ?? '*/*',
          ...(secret === null ? {} : { authorization: `Bearer ${secret}` }),
        },
        body: bodyFor(call, route.upstreamModel),
      },
      relay,
    );
  }

  private settle(sent: Sent, ending: Ending): void {
    const endedAt = Date.now();
    this.metering.bill({ ...ASKED, body: sent.call.body.bytes }, ending, (bill, outcome) =>
      this.parts.outbox.add(eventOf(sent, { ...ending, outcome }, bill, endedAt)),
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

  private listModels(exchange: Exchange, key: UsableKey): void {
    this.parts.uses.note(key, exchange.startedAt);
    const data = this.parts.catalogue.models().map((id) => ({ id, object: 'model', created: 0, owned_by: 'keyward' }));
    exchange.response.writeHead(200, { 'content-type': 'application/json', ...exchange.headers() });
    exchange.response.end(JSON.stringify({ object: 'list', data }));
  }

  private refuse(exchange: Exchange, error: unknown): void {
    const refused = error instanceof Refused ? error : new Refused('internal_error', { cause: error });
    if (refused.status >= 500)
      this.parts.log.warn({ err: refused, request_id: exchange.requestId }, 'a request could not be served');
    exchange.refuse(refused, this.parts.profiles.get('keyward') as Profile);
  }

  private leave(exchange: Exchange): void {
    this.parts.live.leave(exchange);
    if (--this.active === 0) this.idle?.();
  }
}

function eventOf(
  { exchange, key, call, route, path, charge, ownKey }: Sent,
  { outcome, status, firstByteAt }: Ending,
  bill: Bill,
  endedAt: number,
): UsageEvent {
  return {
    request_id: exchange.requestId,
    kind: 'final',
    organization_id: key.organization_id,
    project_id: key.project_id,
    key_id: key.key_id,
    secret_id: key.secret_id,
    at: new Date(exchange.startedAt).toISOString(),
    endpoint: path,
    model: call.model,
    served_model: route.upstreamModel,
    provider: route.provider.id,
    own_key: ownKey,
    stream: call.stream,
    outcome,
    status,
    code: null,
    project_spend_epoch: 0,
    project_window_start: null,
    hold: null,
    ...charge(bill),
    duration_ms: endedAt - exchange.startedAt,
    first_byte_ms: firstByteAt === null ? null : firstByteAt - exchange.startedAt,
  };
}

function assertUsable(key: UsableKey, now: number): void {
  const refused = refusalOf(key, now, CALLS_NEED);
  if (refused) throw refused;
}

function pathOf({ url = '/' }: IncomingMessage): string {
  const query = url.indexOf('?');
  return query < 0 ? url : url.slice(0, query);
}
