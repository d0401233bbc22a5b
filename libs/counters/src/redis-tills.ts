import { type Leases, USUAL_LEASES } from '#domain/budget/leases';
import type {
  Ahead,
  AheadAsk,
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
import type { MinuteCells } from '#domain/rate/sliding-minute';
import { Script, type Server } from './script.js';
import { AHEAD } from './scripts/ahead.js';
import { CLAIM, FILL, LOOK, TAKE } from './scripts/fill.js';
import { PackedTill, placed } from './scripts/layout.js';
import { claimOf, PLACES_OF_A_KEY, REDIS_CLOCK } from './scripts/prelude.js';
import { RESERVE } from './scripts/reserve.js';
import { EXTEND, SETTLE } from './scripts/settle.js';
import { TELL } from './scripts/tell.js';
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
  private readonly scripts: Record<
    'reserve' | 'settle' | 'extend' | 'ahead' | 'fill' | 'take' | 'look' | 'claim' | 'tell',
    Script
  >;

  constructor(
    private readonly server: Server,
    private readonly leases: Leases = USUAL_LEASES,
    clock = REDIS_CLOCK,
  ) {
    const script = (text: string) => new Script(placed(clock + claimOf(leases) + PLACES_OF_A_KEY + text));
    this.scripts = {
      reserve: script(RESERVE),
      settle: script(SETTLE),
      extend: script(EXTEND),
      ahead: script(AHEAD),
      fill: script(FILL),
      take: script(TAKE),
      look: script(LOOK),
      claim: script(CLAIM),
      tell: script(TELL),
    };
  }

  /** `latest`: of Redis's clock; a command that arrives after it does nothing. */
  async reserve(key: string, ask: ReserveAsk, latest: number): Promise<Reserved> {
    const { request, run, revision, amount, tokens, rpm, tpm, parallel, memo, buckets, charged } = ask;
    const args = [request, run, revision, latest, amount, tokens, rpm ?? -1, tpm ?? -1, parallel ?? -1, memo];
    for (let i = 0; i < SLOTS.length; i++)
      args.push(buckets[i]?.id ?? '', buckets[i]?.window ?? 0, charged[i] ? '1' : '0');
    args.push(ask.leavesDead ? '1' : '0', ask.life ?? this.leases.hold);
    return readReserved((await this.run('reserve', key, args)) as unknown[]);
  }

  async settle(key: string, ask: SettleAsk): Promise<boolean> {
    const { request, held, cost, second, requestsOff, tokensOff, ownKey } = ask;
    const args = [request, held ? '1' : '0', cost, second, requestsOff, tokensOff, ownKey ? '1' : '0'];
    return (await this.run('settle', key, args)) === 1;
  }

  async extend(key: string, requests: readonly string[], life = this.leases.hold): Promise<Extended> {
    const reply = (await this.run('extend', key, [life, ...requests])) as [number, number, number, Buffer[]];
    const [now, epoch, leaseUntil, unknown] = reply;
    return { now, epoch, leaseUntil, unknown: unknown.map(String) };
  }

  /** `latest` as of `reserve`. */
  async ahead(key: string, ask: AheadAsk, latest: number): Promise<Ahead> {
    const { rpm, tpm, parallel, requests, tokens, holder, has, places, corrections } = ask;
    const args = [
      latest,
      rpm ?? -1,
      tpm ?? -1,
      parallel ?? -1,
      requests,
      tokens,
      holder,
      has,
      places,
      this.leases.hold,
    ];
    for (const off of corrections) args.push(off.second, off.requests, off.tokens);
    const [outcome, now, second, ...rest] = (await this.run('ahead', key, args)) as [Buffer, ...number[]];
    if (String(outcome) === 'late') throw new Late(now as number);
    const [counted, weighed, kept, r, t] = rest as [number, number, number, number, number];
    const used = { requests: r, tokens: t };
    return { now: now as number, second: second as number, requests: counted, tokens: weighed, places: kept, used };
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
    return readFacts((await this.run('look', key, [])) as Told);
  }

  /**
   * What is known of its rates here: of all that was admitted, by the count that began then, and of what was admitted here
   * and nowhere else.
   */
  async tell(key: string, countedSince: number, known: MinuteCells, own: MinuteCells): Promise<TillFacts> {
    const [all, mine] = [known, own].map(cellArgs) as [number[], number[]];
    return readFacts((await this.run('tell', key, [countedSince, all.length / 3, ...all, ...mine])) as Told);
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
export function placesOf(key: string): string[] {
  return ['till', 'live', 'cells'].map((part) => `keyward:{${key}}:${part}`);
}

/** By second, each of them once. */
function cellArgs({ requests, tokens }: MinuteCells): number[] {
  const cells = new Map<number, [number, number]>();
  for (const { second, amount } of requests) cells.set(second, [amount, 0]);
  for (const { second, amount } of tokens) cells.set(second, [cells.get(second)?.[0] ?? 0, amount]);
  return [...cells].flatMap(([second, amounts]) => [second, ...amounts]);
}

/** Now, how many are live, the numbers of the till, and the text of its slots. */
type Told = readonly [number, number, Buffer, Buffer];
type ClaimReply = [Buffer, number, number, Buffer];
type ReserveReply = [Buffer, ...Told, ClaimReply[], ...unknown[]];

function readReserved(reply: unknown[]): Reserved {
  const [named, now, live, packed, texts, claimed, ...rest] = reply as ReserveReply;
  const outcome = String(named);
  if (outcome === 'late') throw new Late(now);
  const facts = { ...readFacts([now, live, packed, texts]), claims: readClaims(claimed) };
  if (outcome === 'held') {
    const [second, low] = rest as [number, number];
    return { ...facts, outcome, second, low: low === 1 };
  }
  if (outcome === 'limited') {
    const [by, retryAt] = rest as [Buffer, number];
    return { ...facts, outcome, by: String(by) as RateLimit, retryAt };
  }
  const [why, slot, returned] = rest as [Buffer, number, number[]];
  return { ...facts, outcome: 'refill', why: String(why) as 'open' | 'changed' | 'short', slot, returned };
}

function readClaims(claims: ClaimReply[]): Claimed[] {
  return claims.map(([request, epoch, amount, memo]) => ({
    request: String(request),
    epoch,
    amount,
    memo: String(memo),
  }));
}

function readFacts([now, live, packed, texts]: Told): TillFacts {
  const till = new PackedTill(packed);
  const text = String(texts).split(';');
  return {
    now,
    epoch: till.head('EPOCH'),
    leaseUntil: till.head('LEASE'),
    filledAt: till.head('FILLED'),
    usedAt: till.head('USED'),
    slots: SLOTS.map((_, i) => readSlot(till, i, text[i])),
    requests: till.head('REQUESTS'),
    tokens: till.head('TOKENS'),
    live,
    countedSince: till.head('COUNTED_SINCE'),
  };
}

function readSlot(till: PackedTill, i: number, text = ''): SlotFacts | null {
  if (text === '') return null;
  const [id = '', limit = '', free = '', outside = ''] = text.split(',');
  return {
    ...{ id, limit, free, outside },
    window: till.slot(i, 'WINDOW'),
    slice: till.slot(i, 'SLICE'),
    held: till.slot(i, 'HELD'),
    grant: till.slot(i, 'GRANT'),
  };
}
