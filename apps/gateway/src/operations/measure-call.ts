import type { GatewayRpc } from '#contracts/gateway';
import { Refused } from '#contracts/refusals';
import type { Answers, Asked } from '#contracts/rpc';
import type { TraceStep } from '#contracts/trace';
import { isLimited } from '#counters/asking';
import type { Limits, Standing } from '#counters/limits';
import { remainingOf } from '#counters/standing';
import type { CatalogueDirectory } from '#policy/catalogue-directory';
import type { ProfileShelf } from '#runtime/profile-shelf';
import { endpointAt } from '../edge/endpoints.js';
import { type Offer, offersOf } from '../edge/offers.js';
import { roomFor } from '../limits/room.js';
import { type WorstCall, worstCallOf } from '../limits/worst-call.js';
import type { Credentials } from '../upstream/credentials.js';
import type { OwnKeys, ProjectKeys } from '../upstream/own-keys.js';
import type { Providers } from '../upstream/providers.js';

interface Parts {
  readonly limits: Pick<Limits, 'standing'>;
  readonly catalogue: Pick<CatalogueDirectory, 'modelOf'>;
  readonly profiles: Pick<ProfileShelf, 'get'>;
  readonly ownKeys: Pick<OwnKeys, 'peek' | 'find'>;
  readonly credentials: Pick<Credentials, 'stateOf'>;
  readonly providers: Pick<Providers, 'linkTo'>;
}

type Request = Asked<typeof GatewayRpc.measureCall>;

/** Of a key that nothing limits there is nothing to know. */
const UNLIMITED: Standing = {
  facts: { now: 0, epoch: 0, leaseUntil: 0, filledAt: 0, usedAt: 0, slots: [], requests: 0, tokens: 0, live: 0 },
  buckets: [],
};

const NOTHING = { tokens: 0, amount: 0n, charged: [] };
const NOT_REACHED: TraceStep = { step: 'provider', result: 'not_reached', detail: {} };

/** What the doorkeeper would say of a call, from its size alone, and whether anybody could be asked; nothing is taken. */
export class MeasureCall {
  constructor(private readonly parts: Parts) {}

  async run(request: Request): Promise<Answers<typeof GatewayRpc.measureCall>> {
    const { key } = request;
    const now = Date.now();
    const offers = this.offersFor(request, now);
    const own = this.parts.ownKeys.peek(key) ?? (await this.parts.ownKeys.find(key));
    const room = isLimited(key) ? await this.room(request, offers, own, now) : roomFor(key, UNLIMITED, NOTHING);
    const provider = room.code === null ? this.wayTo(offers, own, now) : NOT_REACHED;
    const code = room.code ?? (provider.result === 'fail' ? 'service_unavailable' : null);
    return { code, steps: [...room.steps, provider] };
  }

  private async room(request: Request, offers: readonly Offer[], own: ProjectKeys, now: number) {
    const { key } = request;
    const standing = await this.parts.limits.standing(key, now);
    const isOwn = offers.every(({ route }) => own.secretFor(route.provider) !== null);
    const charged = [true, true, true, true, key.prepaid && !isOwn];
    const worst = worstCallOf(key, sizeOf(request), offers);
    const { tokens } = worst;
    return roomFor(key, standing, { tokens, amount: shortened(worst, standing, charged).amount, charged });
  }

  /** Whether any of them can be asked: each wants a credential that is there. One that rests is still tried, as the last. */
  private wayTo(offers: readonly Offer[], own: ProjectKeys, now: number): TraceStep {
    const { credentials, providers } = this.parts;
    const asked = offers.map(({ route: { provider } }) => ({
      provider: provider.id,
      credential: credentials.stateOf(provider, own),
      unreachable: providers.linkTo(provider).isResting(now),
    }));
    const isAny = asked.some(({ credential }) => credential !== 'missing');
    return { step: 'provider', result: isAny ? 'pass' : 'fail', detail: { providers: asked } };
  }

  private offersFor({ key, model: name, providers }: Request, now: number): Offer[] {
    const { catalogue, profiles } = this.parts;
    const model = catalogue.modelOf(name);
    const routes = model.routes.filter(({ provider }) => providers.includes(provider.id));
    // Between two questions the catalogue may have become another one.
    if (routes.length === 0) throw new Refused('service_unavailable', { cause: new Error('the catalogues differ') });
    return offersOf({ profile: profiles.get(key.profile), startedAt: now }, key, model, routes);
  }
}

function sizeOf({ endpoint, est_tokens, max_tokens }: Request) {
  const tokens = endpointAt(endpoint)?.name === 'embeddings' ? 0 : max_tokens;
  return { input: est_tokens, guess: est_tokens, asked: { tokens, choices: 1 }, writesForAnHour: false };
}

/** Where the answer may be cut to what there is money for, the doorkeeper does so. */
function shortened(worst: WorstCall, { facts }: Standing, charged: readonly boolean[]): WorstCall {
  const left = remainingOf(facts, charged);
  return left === null || left >= worst.amount ? worst : (worst.within(left) ?? worst);
}
