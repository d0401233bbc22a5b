import type {
  Claimed,
  FillAsk,
  RateLimit,
  ReserveAsk,
  Reserved,
  SettleAsk,
  SlotFacts,
  TillFacts,
} from '#domain/budget/reservation';
import { SLOTS } from '#domain/budget/reservation';
import { Script, type Server } from './script.js';
import { CLAIM, FILL, LOOK, TAKE } from './scripts/fill.js';
import { PRELUDE, REDIS_CLOCK } from './scripts/prelude.js';
import { RESERVE } from './scripts/reserve.js';
import { EXTEND, SETTLE } from './scripts/settle.js';
import type { Extended } from './tills.js';

/** A command that came so late that nobody waits for it any more. */
export class Late extends Error {
  override readonly name = 'Late';

  constructor(readonly now: number) {
    super('the till was asked too late');
  }
}

/** The tills in Redis, one for each key: the rules of `till.ts` as scripts, so that all gateways share one till. */
export class RedisTills {
  private readonly scripts: Record<'reserve' | 'settle' | 'extend' | 'fill' | 'take' | 'look' | 'claim', Script>;

  constructor(
    private readonly server: Server,
    clock = REDIS_CLOCK,
  ) {
    const script = (text: string) => new Script(clock + PRELUDE + text);
    this.scripts = {
      reserve: script(RESERVE),
      settle: script(SETTLE),
      extend: script(EXTEND),
      fill: script(FILL),
      take: script(TAKE),
      look: script(LOOK),
      claim: script(CLAIM),
    };
  }

  /** `latest`: of Redis's clock; a command that arrives after it does nothing. */
  async reserve(key: string, ask: ReserveAsk, latest: number): Promise<Reserved> {
    const { request, run, revision, amount, tokens, rpm, tpm, parallel, memo, buckets, charged } = ask;
    const args = [request, run, revision, latest, amount, tokens, rpm ?? -1, tpm ?? -1, parallel ?? -1, memo];
    for (let i = 0; i < SLOTS.length; i++)
      args.push(buckets[i]?.id ?? '', buckets[i]?.window ?? 0, charged[i] ? '1' : '0');
    args.push(ask.leavesDead ? '1' : '0');
    return readReserved((await this.run('reserve', key, args)) as unknown[]);
  }

  async settle(key: string, ask: SettleAsk): Promise<boolean> {
    const { request, held, cost, second, requestsOff, tokensOff, ownKey } = ask;
    const args = [request, held ? '1' : '0', cost, second, requestsOff, tokensOff, ownKey ? '1' : '0'];
    return (await this.run('settle', key, args)) === 1;
  }

  async extend(key: string, requests: readonly string[]): Promise<Extended> {
    const reply = (await this.run('extend', key, [...requests])) as [number, number, number, string[]];
    const [now, epoch, leaseUntil, unknown] = reply;
    return { now, epoch, leaseUntil, unknown };
  }

  async fill(key: string, { run, asked, epoch, leaseUntil, revision, slots }: FillAsk): Promise<boolean> {
    const args: (string | number)[] = [run, asked, epoch, leaseUntil, revision];
    for (let i = 0; i < SLOTS.length; i++) {
      const slot = slots[i];
      args.push(slot?.id ?? '', slot?.window ?? 0, slot?.granted ?? 0);
      args.push(slot?.limit ?? '', slot?.free ?? '', slot?.outside ?? '');
    }
    return (await this.run('fill', key, args)) === 1;
  }

  async take(key: string, epoch: number, slots: readonly boolean[], idle: number): Promise<number[] | null> {
    const taken = (await this.run('take', key, [epoch, idle, ...slots.map((is) => (is ? '1' : '0'))])) as number[];
    return taken.length === 0 ? null : taken;
  }

  async look(key: string): Promise<TillFacts> {
    return readFacts((await this.run('look', key, [])) as string);
  }

  /** Holds of this key whose owner seems dead; whoever asks settles them. */
  async claim(key: string): Promise<Claimed[]> {
    return readClaims((await this.run('claim', key, [])) as ClaimReply[]);
  }

  private run(name: keyof RedisTills['scripts'], key: string, args: (string | number)[]): Promise<unknown> {
    return this.scripts[name].run(this.server, placesOf(key), args);
  }
}

/** All of one key under one hash tag: in a cluster they live on one node. */
function placesOf(key: string): string[] {
  return ['till', 'holds', 'live', 'rate'].map((part) => `keyward:{${key}}:${part}`);
}

type ClaimReply = [string, number, number, string];

function readReserved([outcome, told, claimed, ...rest]: unknown[]): Reserved {
  if (outcome === 'late') throw new Late(told as number);
  const facts = { ...readFacts(told as string), claims: readClaims(claimed as ClaimReply[]) };
  if (outcome === 'held') {
    const [second, low] = rest as [number, number];
    return { ...facts, outcome, second, low: low === 1 };
  }
  if (outcome === 'limited') {
    const [by, retryAt] = rest as [RateLimit, number];
    return { ...facts, outcome, by, retryAt };
  }
  const [why, slot, returned] = rest as ['open' | 'changed' | 'short', number, number[]];
  return { ...facts, outcome: 'refill', why, slot, returned };
}

function readClaims(claims: ClaimReply[]): Claimed[] {
  return claims.map(([request, epoch, amount, memo]) => ({ request, epoch, amount, memo }));
}

function readFacts(text: string): TillFacts {
  const [head = '', ...slots] = text.split(';');
  const [now = 0, epoch = 0, leaseUntil = 0, filledAt = 0, requests = 0, tokens = 0, live = 0] = head
    .split(',')
    .map(Number);
  return { now, epoch, leaseUntil, filledAt, slots: slots.map(readSlot), requests, tokens, live };
}

function readSlot(text: string): SlotFacts | null {
  if (text === '') return null;
  const [id = '', window, slice, held, grant, limit = '', free = '', outside = ''] = text.split(',');
  return {
    ...{ id, limit, free, outside },
    window: Number(window),
    slice: Number(slice),
    held: Number(held),
    grant: Number(grant),
  };
}
