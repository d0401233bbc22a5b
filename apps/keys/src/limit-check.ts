import { randomBytes, randomUUID } from 'node:crypto';
import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import type { KeysRpc, UsableKey } from '#contracts/keys';
import { type RefusalCode, Refused } from '#contracts/refusals';
import type { Answers } from '#contracts/rpc';
import { isLimited } from '#counters/asking';
import { Limits, type Standing } from '#counters/limits';
import { moneyOf } from '#counters/standing';
import { toldMoney, toldRates } from '#counters/told-limits';
import { bucketsOf } from '#domain/budget/buckets';
import { leasesOf } from '#domain/budget/leases';
import { newId } from '#domain/id';
import { BusClient } from '#rpc/client';
import { RedisNodes } from '#runtime/redis';
import { type KeysKit, KIT } from './kit.js';

type Verdict = Answers<typeof KeysRpc.verifyKey>;
type Checked = Pick<Verdict, 'valid' | 'code' | 'ratelimit' | 'budget'>;

interface Question {
  readonly tokens: number;
  /** Only look. */
  readonly peek: boolean;
}

const UNLIMITED: Checked = { valid: true, code: 'valid', ratelimit: null, budget: null };

/** What `verify` asks the tills, the same ones the gateways ask: a key has its limits once, wherever it is used. */
@Injectable()
export class LimitCheck implements OnApplicationShutdown {
  private readonly limits: Limits;

  private readonly redis: RedisNodes;

  constructor(@Inject(KIT) { bus, log, config }: KeysKit) {
    const client = new BusClient({ connection: bus, service: 'keys' });
    // It counts with all the others or not at all. And it may not write into the ledger: holds of the dead are for who may.
    this.redis = new RedisNodes(config.KEYWARD_REDIS_URL, log);
    this.limits = new Limits({
      redis: this.redis,
      client,
      log,
      leases: leasesOf(config.KEYWARD_LEASE_SECONDS * 1000),
      instance: randomUUID(),
      peers: null,
      onAbandoned: null,
    });
  }

  async onApplicationShutdown(): Promise<void> {
    await this.limits.close();
    this.redis.close();
  }

  /** Throws where nobody can tell: an outage is no verdict. */
  async check(usable: UsableKey, question: Question, now: number): Promise<Checked> {
    // What is verified is not under way here: places are for requests that are.
    const key = { ...usable, max_parallel: null };
    if (!isLimited(key)) return UNLIMITED;
    return question.peek ? this.look(key, question.tokens, now) : this.count(key, question.tokens, now);
  }

  private async look(key: UsableKey, tokens: number, now: number): Promise<Checked> {
    const standing = await this.limits.standing(key, now);
    return checked(key, standing, codeOf(key, standing, tokens), null);
  }

  private async count(key: UsableKey, tokens: number, now: number): Promise<Checked> {
    const requestId = newId('request', now, randomBytes(10));
    try {
      // The least there is to pay with: whether there is anything left at all.
      const ask = { key, requestId, at: now, amount: 1n, tokens, ownKey: false, memo: null };
      const admission = await this.limits.reserve(ask);
      if (!admission) return UNLIMITED;
      const { facts } = admission;
      const buckets = bucketsOf(key, now);
      if (!admission.ok) return checked(key, { facts, buckets }, admission.refused.code, admission.refused);
      admission.hold.settle(0n, tokens);
      return checked(key, { facts: givenBack(facts), buckets }, 'valid', null);
    } catch (error) {
      if (!(error instanceof Refused) || error.code !== 'request_exceeds_token_limit') throw error;
      return { ...UNLIMITED, valid: false, code: error.code };
    }
  }
}

const SPENT: readonly Verdict['code'][] = [
  'spend_limit_reached',
  'period_spend_limit_reached',
  'spend_limit_reached',
  'period_spend_limit_reached',
  'insufficient_credits',
];

/** What it would be answered if it were counted. */
function codeOf({ rate_limit, token_limit }: UsableKey, { facts }: Standing, tokens: number): Verdict['code'] {
  if (token_limit !== null && tokens > token_limit) return 'request_exceeds_token_limit';
  if (rate_limit !== null && facts.requests + 1 > rate_limit) return 'rate_limit_exceeded';
  if (token_limit !== null && facts.tokens + tokens > token_limit) return 'token_rate_limit_exceeded';
  const slot = facts.slots.findIndex((each) => each !== null && moneyOf(each).remaining <= 0n);
  return SPENT[slot] ?? 'valid';
}

/** As it is once the least there is has gone back. */
function givenBack(facts: Standing['facts']): Standing['facts'] {
  const slots = facts.slots.map((slot) => slot && { ...slot, slice: slot.slice + 1, held: slot.held - 1 });
  return { ...facts, slots };
}

function checked(
  key: UsableKey,
  { facts, buckets }: Standing,
  code: RefusalCode | 'valid',
  refused: Refused | null,
): Checked {
  const retry = refused?.details.retry_after_ms;
  return {
    valid: code === 'valid',
    code: denialOf(code, refused),
    ratelimit: toldRates(facts, key, typeof retry === 'number' ? retry : null),
    budget: toldMoney(facts, buckets, key.currency),
  };
}

/** What the tills refuse for; anything else is an outage, and no answer about a key. */
function denialOf(code: RefusalCode | 'valid', refused: Refused | null): Verdict['code'] {
  switch (code) {
    case 'valid':
    case 'rate_limit_exceeded':
    case 'token_rate_limit_exceeded':
    case 'request_exceeds_token_limit':
    case 'spend_limit_reached':
    case 'period_spend_limit_reached':
    case 'insufficient_credits':
      return code;
    default:
      throw refused ?? new Refused('service_unavailable');
  }
}
