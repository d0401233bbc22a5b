import { setTimeout as sleep } from 'node:timers/promises';
import type { Received } from '../../fake-upstream/received.js';
import type { Scenario } from '../../fake-upstream/scenario.js';
import type { House } from './house.js';
import { Random } from './random.js';
import type { Spender } from './spenders.js';

/** One call as its client saw it. */
export interface Attempt {
  readonly number: number;
  readonly spender: string;
  readonly gateway: number;
  readonly startedAt: number;
  /** Of the request in the ledger, where the client was told. */
  id: string | null;
  status: number | null;
  code: string | null;
  /** What was refused was refused with this. */
  said: string;
  answeredAfter: number | null;
  endedAt: number;
  /** `whole`: read to a good end. `left`: by the client itself. `broken`: by the gateway, or with it. */
  ending: 'refused' | 'whole' | 'left' | 'broken' | 'unreached' | 'unanswered';
}

const MOST_OUTPUT = 50;
/** Nobody should have to wait so long for an answer that is no. */
const PATIENCE_MILLISECONDS = 20_000;
/** Clients of each key, and of one that is busy. */
const WORKERS = 2;
const BUSY_WORKERS = 4;
/** A stream that lasts longer than a hold does by itself. */
const LONG_CHUNKS = 100;
const LONG_OF_LEASE = 0.87;

export const clientsOf = ({ busyAt }: Spender) => (busyAt === null ? WORKERS : BUSY_WORKERS);

/** Clients of every key at every gateway: streams and whole answers, some of which they leave. */
export class Traffic {
  readonly attempts: Attempt[] = [];
  private going = true;
  private readonly workers: Promise<void>[] = [];
  private count = 0;

  constructor(
    private readonly house: House,
    private readonly seed: number,
  ) {
    house.upstream.control.always((request) => this.scenarioFor(request));
  }

  start(spenders: readonly Spender[], withLongStream: boolean): void {
    for (const spender of spenders)
      for (let i = 0; i < clientsOf(spender); i++)
        this.workers.push(this.work(spender, new Random(this.seed * 1000 + i)));
    if (!withLongStream) return;
    const roomy = spenders.find(({ name }) => name === 'roomy') as Spender;
    // Longer than a hold lives by itself, and than most faults.
    this.workers.push(this.ask(roomy, 0, { stream: true, long: true }).then(() => {}));
  }

  /** Nobody begins anything new; resolves when what is under way has ended. */
  async stop(): Promise<void> {
    this.going = false;
    await Promise.all(this.workers);
  }

  async ask(
    spender: Spender,
    gateway: number,
    { stream = false, long = false, leaveAfter }: { stream?: boolean; long?: boolean; leaveAfter?: number } = {},
  ): Promise<Attempt> {
    const number = ++this.count;
    const attempt: Attempt = {
      ...{
        number,
        spender: spender.name,
        gateway,
        startedAt: Date.now(),
        id: null,
        status: null,
        code: null,
        said: '',
      },
      ...{ answeredAfter: null, endedAt: 0, ending: 'unreached' },
    };
    this.attempts.push(attempt);
    const leaving = new AbortController();
    const late = setTimeout(() => {
      attempt.ending = 'unanswered';
      leaving.abort();
    }, PATIENCE_MILLISECONDS);
    const bored = leaveAfter === undefined ? undefined : setTimeout(() => this.leave(attempt, leaving), leaveAfter);
    try {
      const reply = await fetch(`${this.house.gateways[gateway]?.url}/v1/chat/completions`, {
        method: 'POST',
        signal: leaving.signal,
        headers: { authorization: `Bearer ${spender.key}`, 'content-type': 'application/json' },
        body: JSON.stringify({
          ...{
            model: 'fake',
            max_tokens: MOST_OUTPUT,
            stream,
            user: `${number}${long ? ' long' : spender.busyAt === null ? '' : ' busy'}`,
          },
          messages: [{ role: 'user', content: 'Count for me, in words and not in figures, from one to ten.' }],
        }),
      });
      clearTimeout(late);
      attempt.status = reply.status;
      attempt.id = reply.headers.get('x-request-id');
      attempt.code = reply.headers.get('x-keyward-error-code');
      attempt.answeredAfter = Date.now() - attempt.startedAt;
      if (attempt.ending === 'unreached') attempt.ending = 'broken';
      const text = await reply.text();
      if (reply.status !== 200) {
        attempt.ending = 'refused';
        attempt.said = text.slice(0, 500);
      } else if (!stream || text.includes('data: [DONE]')) attempt.ending = 'whole';
    } catch {
      // Already told by how far it came.
    } finally {
      clearTimeout(late);
      clearTimeout(bored);
      attempt.endedAt = Date.now();
    }
    return attempt;
  }

  private leave(attempt: Attempt, leaving: AbortController): void {
    attempt.ending = 'left';
    leaving.abort();
  }

  private async work(spender: Spender, random: Random): Promise<void> {
    while (this.going) {
      const stream = random.chance(0.6);
      const leaveAfter = random.chance(0.12) ? random.between(5, 250) : undefined;
      const { busyAt } = spender;
      const isBusy = busyAt !== null && random.chance(0.9);
      const gateway = isBusy ? busyAt : random.between(0, 2);
      const { ending, status } = await this.ask(spender, gateway, { stream, leaveAfter });
      const pause = isBusy ? random.between(1, 10) : random.between(50, 200);
      await sleep(ending === 'unreached' ? 200 : status === 200 ? pause : random.between(200, 600));
    }
  }

  /** What the provider does with a request, and bills for it: always the same for a seed and a number. */
  private scenarioFor(request: Received): Scenario {
    const user = String(request.json?.user);
    const random = new Random(this.seed * 100_003 + numberOf(request));
    const usage = { input: random.between(20, 100), output: random.between(1, MOST_OUTPUT) };
    if (user.endsWith('long')) {
      const delayMs = (this.house.leaseSeconds * 1000 * LONG_OF_LEASE) / LONG_CHUNKS;
      return { usage, chunks: LONG_CHUNKS, delayMs };
    }
    if (user.endsWith('busy')) return { usage, chunks: random.between(1, 3), delayMs: 1 };
    const slow = random.chance(0.04);
    return { usage, chunks: random.between(1, 10) * (slow ? 4 : 1), delayMs: random.between(1, slow ? 100 : 25) };
  }
}

/** Which attempt it was: the body comes as the client sent it. */
export function numberOf({ json }: Received): number {
  return Number.parseInt(String(json?.user), 10);
}
