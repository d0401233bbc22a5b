import { AccessRpc } from '#contracts/access';
import type { GatewayRpc } from '#contracts/gateway';
import type { UsableKey } from '#contracts/keys';
import { Refused } from '#contracts/refusals';
import type { Answers, Asked, CallContext } from '#contracts/rpc';
import type { DecisionTrace } from '#contracts/trace';
import type { UsageEvent } from '#contracts/usage';
import type { Hold } from '#counters/hold';
import type { Limits } from '#counters/limits';
import { toldMoney, toldRates } from '#counters/told-limits';
import { bucketsOf } from '#domain/budget/buckets';
import type { TillFacts } from '#domain/budget/reservation';
import { bornAt } from '#domain/id';
import { digestOf } from '#domain/key/secret';
import { inOrder } from '#domain/routing/order';
import type { KeyDoor } from '#keyring/key-door';
import { CALLS_NEED, refusalOf } from '#keyring/refusal-of';
import type { SecretUses } from '#keyring/secret-uses';
import type { CatalogueDirectory } from '#policy/catalogue-directory';
import type { KnownModel, Route } from '#policy/known-models';
import { wirePrice } from '#policy/wire-price';
import type { BusClient } from '#rpc/client';
import type { ProfileShelf } from '#runtime/profile-shelf';
import { type Offer, offersOf } from '../edge/offers.js';
import type { RuleStep } from '../edge/rule-step.js';
import { begunEvent, deniedEvent } from '../edge/settlement.js';
import { reserveWithin } from '../limits/reserve-within.js';
import { worstCallOf } from '../limits/worst-call.js';
import type { OwnKeys } from '../upstream/own-keys.js';

interface Parts {
  readonly door: KeyDoor;
  readonly uses: Pick<SecretUses, 'note'>;
  readonly client: Pick<BusClient, 'call'>;
  readonly catalogue: Pick<CatalogueDirectory, 'modelOf'>;
  readonly rules: Pick<RuleStep, 'leftOf'>;
  readonly profiles: Pick<ProfileShelf, 'get'>;
  readonly ownKeys: Pick<OwnKeys, 'peek' | 'find'>;
  readonly limits: Pick<Limits, 'reserve'>;
  /** For the request log. */
  readonly tell: (event: UsageEvent) => void;
}

type Request = Asked<typeof GatewayRpc.admitCall>;
type Answer = Answers<typeof GatewayRpc.admitCall>;

/** In the request log: what came over the bus. */
const ENDPOINT = 'keyward.usage.reserve';
const DOORS = { openai: '/v1/chat/completions', anthropic: '/v1/messages' } as const;
const KEY_MILLISECONDS = 500;
/** Whoever reserved is taken for dead by the bank first, and so much later by the till. */
const AFTERMATH_MILLISECONDS = 30_000;

/** One call that somebody else will make, on its way through the steps of the edge. */
interface Asking {
  readonly requestId: string;
  readonly startedAt: number;
  readonly call: Request['call'] & { readonly endpointPath: string };
  trace?: DecisionTrace;
}

/** Lets a call in as the edge does, step for step: key → usable → route → rules → reserve. Who asked makes it, and settles. */
export class AdmitCall {
  constructor(private readonly parts: Parts) {}

  async run(request: Request, { deadline }: CallContext): Promise<Answer> {
    const { request_id, who, call, expires_at } = request;
    const startedAt = bornAt(request_id);
    const key = await this.keyOf(who);
    if (!key) return denied(new Refused('invalid_api_key'));
    const asking: Asking = { requestId: request_id, startedAt, call: { ...call, endpointPath: ENDPOINT } };
    try {
      return await this.admit(asking, key, Date.parse(expires_at), deadline);
    } catch (error) {
      // An outage, and no answer about a call.
      if (!(error instanceof Refused) || error.status >= 500) throw error;
      this.parts.tell(deniedEvent(toldOf(asking), key, ENDPOINT, error, error.status));
      return denied(error);
    }
  }

  private async keyOf(who: Request['who']): Promise<UsableKey | null> {
    if (!('key' in who)) return this.parts.client.call(AccessRpc.getUsableKey, who, { timeoutMs: KEY_MILLISECONDS });
    const { door } = this.parts;
    const digest = digestOf(who.key);
    return door.peek(digest) ?? (await door.find(who.key, digest, Date.now()));
  }

  private async admit(asking: Asking, key: UsableKey, expiresAt: number, deadline?: number): Promise<Answer> {
    const { parts } = this;
    const { call, startedAt } = asking;
    const refused = refusalOf(key, Date.now(), CALLS_NEED);
    if (refused) throw refused;
    parts.uses.note(key, startedAt);
    const model = parts.catalogue.modelOf(call.model);
    const routes = await this.routesFor(asking, key, model);
    const profile = parts.profiles.get(key.profile);
    const offers = offersOf({ profile, startedAt }, key, model, routes);
    if (call.own_key) await this.assertOwn(key, offers);
    const size = {
      input: call.input_tokens,
      guess: call.input_tokens,
      asked: { tokens: call.max_output_tokens, choices: call.choices },
      writesForAnHour: call.caches_for_an_hour,
    };
    const worst = worstCallOf(key, size, offers);
    const unheard = deniedEvent(toldOf(asking), key, ENDPOINT, new Refused('service_unavailable'), 503);
    const reserved = await reserveWithin(parts.limits, worst, ({ amount, tokens }) => ({
      ...{ key, requestId: asking.requestId, at: Date.now(), amount, tokens, ownKey: call.own_key },
      // Only where the bank knows nothing of it is this told: nobody was, so nobody made the call.
      memo: () => JSON.stringify(unheard),
      life: expiresAt - Date.now() + AFTERMATH_MILLISECONDS,
    }));
    const admission = reserved?.admission;
    if (admission && !admission.ok) throw admission.refused;
    const hold = admission?.hold;
    if (deadline !== undefined && Date.now() > deadline) {
      hold?.void();
      throw new Refused('service_unavailable', { message: 'The deadline of this request has passed.' });
    }
    return admittedAs(asking, key, offers, {
      ...{ hold, facts: admission?.facts },
      cap: reserved ? reserved.cap : call.max_output_tokens,
    });
  }

  /** Whoever calls models themselves speaks any dialect: every provider will do that rules and wishes leave. */
  private async routesFor(asking: Asking, key: UsableKey, model: KnownModel): Promise<readonly Route[]> {
    const { call, startedAt } = asking;
    const wanted = model.routes.filter(({ provider }) => call.provider === undefined || provider.id === call.provider);
    if (wanted.length === 0)
      throw new Refused('model_not_found', {
        message: `The model ${JSON.stringify(call.model)} is not served by ${JSON.stringify(call.provider)}.`,
        param: 'provider',
      });
    const routes = inOrder(wanted, Math.random());
    const judged = () => ({
      ...{ key, model, name: call.model, stream: call.stream, ip: call.ip, now: startedAt },
      endpoint: call.endpoint ?? DOORS[routes[0]?.provider.dialect ?? 'openai'],
      details: () => ({
        maxTokens: call.max_output_tokens === null ? null : call.max_output_tokens * call.choices,
        tools: call.tools,
        images: call.images,
        inputTokens: call.input_tokens,
      }),
    });
    return this.parts.rules.leftOf(key, judged, model, routes, (trace) => {
      asking.trace = trace;
    });
  }

  /** Nobody saves their credits by saying so. */
  private async assertOwn(key: UsableKey, offers: readonly Offer[]): Promise<void> {
    const own = this.parts.ownKeys.peek(key) ?? (await this.parts.ownKeys.find(key));
    const lent = offers.find(({ route }) => own.secretFor(route.provider) === null);
    if (lent)
      throw new Refused('invalid_request', {
        message: `The project has no key of its own for ${lent.route.provider.id}.`,
        param: 'own_key',
      });
  }
}

function admittedAs(
  asking: Asking,
  key: UsableKey,
  offers: readonly Offer[],
  { hold, facts, cap }: { readonly hold?: Hold; readonly facts?: TillFacts; readonly cap: number | null },
): Answer {
  const { call } = asking;
  const [offer] = offers as [Offer];
  const exchange = { ...toldOf(asking), hold };
  const begun = { exchange, key, call: { ...call, endpoint: { path: ENDPOINT } }, offer, isOwnKey: call.own_key };
  return {
    reserved: true,
    name: key.name,
    event: begunEvent(begun, call.input_tokens),
    tariffs: offers.map(({ route, price, rate }) => ({
      provider: route.provider.id,
      price: price && wirePrice(price),
      rate_nanos: String(rate),
    })),
    max_output_tokens: cap ?? call.max_output_tokens,
    amount_nanos: String(hold?.isMoney ? hold.asking.ask.amount : 0),
    held: hold ? heldBy(hold) : null,
    ratelimit: facts ? toldRates(facts, key, null) : null,
    budget: facts ? toldMoney(facts, bucketsOf(key, Date.now()), key.currency) : null,
  };
}

function heldBy(hold: Hold) {
  const { ask } = hold.asking;
  const isCounted = ask.rpm !== null || ask.tpm !== null;
  return {
    till: hold.tills.name,
    key_id: hold.key.key_id,
    request_id: hold.request,
    epoch: hold.isMoney ? hold.epoch : 0,
    buckets: hold.buckets.map((bucket) => ({ bucket, held_nanos: String(ask.amount) })),
    is_kept: hold.isKept,
    counted: isCounted ? { second: hold.second, tokens: ask.tokens } : null,
  };
}

function toldOf({ requestId, startedAt, trace, call }: Asking) {
  return { requestId, startedAt, trace, call };
}

function denied({ code, status, message, param, details }: Refused): Answer {
  return { reserved: false, denial: { code, status, message, param: param ?? null, details: { ...details } } };
}
