import { setTimeout as sleep } from 'node:timers/promises';
import { type Planned, planFaults } from './faults.js';
import { misbooked, overspent, type Seen, told, tooFast, unbalanced, wronglyRefused } from './findings.js';
import { type House, openHouse } from './house.js';
import { readAside, readBuckets, readRows } from './ledger.js';
import { Random } from './random.js';
import { leftOf, makeSpenders, type Spender } from './spenders.js';
import { Timeline } from './timeline.js';
import { Traffic } from './traffic.js';

interface Wanted {
  readonly seed: number;
  /** How long there is trouble. */
  readonly seconds: number;
  readonly aloud?: boolean;
  /** What is left behind is for somebody to look at, where something was wrong. */
  readonly keep?: boolean;
}

export interface Result {
  readonly seed: number;
  readonly faults: readonly string[];
  readonly attempts: number;
  readonly forwarded: number;
  readonly rows: number;
  readonly abandoned: number;
  readonly refused503: number;
  /** The longest wait for an answer that was a refusal. */
  readonly slowestRefusalMs: number;
  /** Until everything was right again. */
  readonly calmAfterSeconds: number;
  readonly wrong: readonly string[];
  readonly timeline: string;
}

/** P3 and P4: what trouble leaves behind is gone after as long. */
const CALM_MILLISECONDS = 120_000;
/** Two clocks, and the time it takes to look. */
const GRACE_MILLISECONDS = 10_000;
/** A stream that outlives its hold is for rounds that are long themselves. */
const HOLD_SECONDS = 45;
/** The most one of these calls can cost; who has less left is rightly refused. */
const WORST_NANOS = 700_000n;

/** One run: traffic, trouble, calm, and then every account is compared with every other. */
export async function runSeed({ seed, seconds, aloud = false, keep = false }: Wanted): Promise<Result> {
  const timeline = new Timeline(aloud);
  const random = new Random(seed);
  const house = await openHouse();
  const traffic = new Traffic(house, seed);
  const wrong: string[] = [];
  let watching = true;
  try {
    timeline.say(`seed ${seed}: everything runs`);
    const spenders = await makeSpenders(house, random);
    traffic.start(spenders, seconds > HOLD_SECONDS / 2);
    const faults = planFaults(seconds, seed % 3 === 0, random);
    const watch = watchBuckets(house, () => watching, wrong);
    const troubles = await trouble(house, faults, timeline, wrong);
    timeline.say('no more trouble');
    await Promise.all(
      [...house.apps.values()].map((app) => app.ready().then(() => timeline.say(`  ${app.name} is ready`))),
    );
    timeline.say('calm');
    const calmAt = Date.now();
    const left = await becomesRight({ house, spenders, traffic, timeline, calmAt });
    const calmAfterSeconds = Math.round((Date.now() - calmAt) / 1000);
    watching = false;
    await watch;
    const seen: Seen = { ...(await look(house, spenders, traffic)) };
    wrong.push(...left, ...wronglyRefused(seen), ...tooFast(seen, [...troubles, ...house.gaps()]));
    timeline.say(wrong.length ? `WRONG:\n${wrong.slice(0, 40).join('\n')}` : 'all accounts agree');
    const { attempts, rows } = seen;
    return {
      seed,
      faults: faults.map(({ kind }) => kind),
      attempts: attempts.length,
      forwarded: house.upstream.record.requests.length,
      rows: rows.length,
      abandoned: rows.filter(({ outcome }) => outcome === 'abandoned').length,
      refused503: attempts.filter(({ status }) => status === 503).length,
      slowestRefusalMs: Math.max(
        0,
        ...attempts.map(({ status, answeredAfter }) => (status === 200 ? 0 : (answeredAfter ?? 0))),
      ),
      calmAfterSeconds,
      wrong,
      timeline: String(timeline),
    };
  } finally {
    watching = false;
    await traffic.stop();
    await house.stop();
    if (!keep || wrong.length === 0) await house.remove();
    else process.stderr.write(`what seed ${seed} left behind is in ${house.dir}\n`);
  }
}

/** The faults of the plan, each at its time; those of one place one after the other. When Redis was in trouble is told. */
async function trouble(
  house: House,
  faults: readonly Planned[],
  timeline: Timeline,
  wrong: string[],
): Promise<number[]> {
  const begun = performance.now();
  const busy = new Map<string, Promise<void>>();
  const troubles: number[] = [];
  const running = faults.map(async (fault) => {
    await sleep(Math.max(0, fault.atSeconds * 1000 - (performance.now() - begun)));
    const before = busy.get(fault.place);
    const { promise, resolve } = Promise.withResolvers<void>();
    busy.set(fault.place, promise);
    await before;
    timeline.say(`→ ${fault.name}`);
    troubles.push(...(fault.place === 'redis' ? [performance.now()] : []));
    try {
      await fault.run(house);
    } catch (error) {
      wrong.push(`the fault itself failed: ${fault.name}: ${(error as Error).message}`);
    }
    troubles.push(...(fault.place === 'redis' ? [performance.now()] : []));
    timeline.say(`  over: ${fault.name}`);
    resolve();
  });
  await Promise.all(running);
  return troubles;
}

async function look(house: House, spenders: readonly Spender[], { attempts }: Traffic): Promise<Seen> {
  const [rows, buckets] = await Promise.all([readRows(house), readBuckets(house)]);
  return { house, spenders, attempts: attempts.filter(({ endedAt }) => endedAt > 0), rows, buckets };
}

/** The bank’s one rule, looked at all the time. */
async function watchBuckets(house: House, goesOn: () => boolean, wrong: string[]): Promise<void> {
  const seen = new Set<string>();
  while (goesOn()) {
    for (const line of overspent(await readBuckets(house).catch(() => []))) {
      const bucket = line.split(':')[0] as string;
      if (!seen.has(bucket)) wrong.push(`overspent: ${line}`);
      seen.add(bucket);
    }
    await sleep(1000);
  }
}

interface Calm {
  readonly house: House;
  readonly spenders: readonly Spender[];
  readonly traffic: Traffic;
  readonly timeline: Timeline;
  readonly calmAt: number;
}

/** Waits until nothing is wrong any more; what still is after two minutes is answered. */
async function becomesRight({ house, spenders, traffic, timeline, calmAt }: Calm): Promise<string[]> {
  const served = new Set<string>();
  // Clients go on for a while: a hold that nobody asks about is found as well, later.
  const loud = traffic.stop();
  for (;;) {
    await loud;
    const left = await problems(house, spenders, traffic, served).catch((error: Error) => [error.message]);
    if (left.length === 0) return [];
    if (Date.now() - calmAt > CALM_MILLISECONDS + GRACE_MILLISECONDS) return left;
    timeline.say(
      `  not yet: ${left.slice(0, 3).join(' | ').slice(0, 300)}${left.length > 3 ? ` and ${left.length - 3} more` : ''}`,
    );
    await sleep(4000);
  }
}

async function problems(
  house: House,
  spenders: readonly Spender[],
  traffic: Traffic,
  served: Set<string>,
): Promise<string[]> {
  const again = await spendAgain(house, spenders, traffic, served);
  const seen = await look(house, spenders, traffic);
  const aside = await readAside(house);
  return [
    ...overspent(seen.buckets).map((line) => `overspent: ${line}`),
    ...misbooked(seen),
    ...unbalanced(seen),
    ...(await holdsLeft(house, spenders)),
    ...(aside > 0 ? [`${aside} events were put aside`] : []),
    ...again,
  ];
}

/** Who has money left can spend it, at every gateway’s till. */
async function spendAgain(
  house: House,
  spenders: readonly Spender[],
  traffic: Traffic,
  served: Set<string>,
): Promise<string[]> {
  const buckets = await readBuckets(house);
  const missing: string[] = [];
  for (const spender of spenders) {
    if (served.has(spender.name) || spender.rateLimit !== null) continue;
    const left = leftOf(spender, buckets);
    if (left !== null && left < WORST_NANOS) continue;
    const attempt = await traffic.ask(spender, 1);
    if (attempt.ending === 'whole') served.add(spender.name);
    else missing.push(`${left} left: ${told(attempt)}`);
  }
  return missing;
}

/** P4: whatever was held by whoever died. */
async function holdsLeft({ redis }: House, spenders: readonly Spender[]): Promise<string[]> {
  return redis.ask(async (each) => {
    const found = await Promise.all(
      spenders.map(async ({ name, id }) => {
        const [live, fields] = await Promise.all([
          each.zcard(`keyward:{${id}}:live`),
          each.hkeys(`keyward:{${id}}:till`),
        ]);
        const holds = fields.filter((field) => field.startsWith('req_')).length;
        return live + holds > 0 ? [`${name}: ${live} live, ${holds} held`] : [];
      }),
    );
    return found.flat();
  });
}
