import type { IncomingMessage, ServerResponse } from 'node:http';
import type { UsableKey } from '#contracts/keys';
import { Refused } from '#contracts/refusals';
import type { UsageEvent } from '#contracts/usage';
import { digestOf } from '#domain/key/secret';
import type { TokenUsage } from '#domain/price/cost';
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
import { type Ending, Relay } from './relay.js';

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

const NOTHING: TokenUsage = { input: 0, cachedInput: 0, output: 0 };

/**
 * The life of a request: secret → key → usable → route → send → settle. Outside Nest's pipeline and without a promise
 * where none is needed, because every client of every provider waits here.
 */
export class Edge {
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

  /** Resolves when no request is under way any more. */
  drained(): Promise<void> {
    if (this.active === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.idle = resolve;
    });
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
      hideUsage: call.stream && !call.wantsUsage,
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

  private settle({ exchange, key, call, route, path, charge, ownKey }: Sent, ending: Ending): void {
    const usage = ending.usage ?? NOTHING;
    const event: UsageEvent = {
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
      outcome: ending.outcome,
      status: ending.status,
      code: null,
      input_tokens: usage.input,
      cached_input_tokens: usage.cachedInput,
      cache_write_tokens: usage.cacheWrite ?? 0,
      output_tokens: usage.output,
      reasoning_tokens: usage.reasoning ?? 0,
      estimated: false,
      unpriced: false,
      project_spend_epoch: 0,
      project_window_start: null,
      hold: null,
      ...charge(usage),
      duration_ms: Date.now() - exchange.startedAt,
      first_byte_ms: ending.firstByteAt === null ? null : ending.firstByteAt - exchange.startedAt,
    };
    this.parts.outbox.add(event);
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

function assertUsable(key: UsableKey, now: number): void {
  const refused = refusalOf(key, now, CALLS_NEED);
  if (refused) throw refused;
}

function pathOf({ url = '/' }: IncomingMessage): string {
  const query = url.indexOf('?');
  return query < 0 ? url : url.slice(0, query);
}
