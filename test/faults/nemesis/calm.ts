import { misbooked, overspent, type Seen, told, unbalanced } from './findings.js';
import type { House } from './house.js';
import { readAside, readBuckets, readRows } from './ledger.js';
import { leftOf, type Spender } from './spenders.js';
import type { Timeline } from './timeline.js';
import type { Traffic } from './traffic.js';
import { Movements } from './watch.js';

/** P3 and P4: what trouble leaves behind is gone within two leases: two minutes. */
const LEASES = 2;
/** Two clocks, rounds that look every so often, and the time it takes to look. */
const GRACE_MILLISECONDS = 10_000;
const LOOK_MILLISECONDS = 2000;
/** The most one of these calls can cost; who has less left is rightly refused. */
const WORST_NANOS = 700_000n;

interface Calm {
  readonly house: House;
  readonly spenders: readonly Spender[];
  readonly traffic: Traffic;
  readonly timeline: Timeline;
}

/** Waits until nothing is wrong any more; what still is after two leases is answered. */
export async function becomesRight(calm: Calm): Promise<string[]> {
  const calmAt = Date.now();
  const served = new Set<string>();
  // Clients go on for a while: a hold that nobody asks about is found as well, later.
  await calm.traffic.stop();
  const movements = await Movements.of(calm.house.services.postgres.url);
  try {
    for (;;) {
      const left = await problems(calm, served).catch((error: Error) => [error.message]);
      if (left.length === 0) return [];
      if (Date.now() - calmAt > calm.house.leaseSeconds * LEASES * 1000 + GRACE_MILLISECONDS) return left;
      const more = left.length > 3 ? ` and ${left.length - 3} more` : '';
      calm.timeline.say(`  not yet: ${left.slice(0, 3).join(' | ').slice(0, 300)}${more}`);
      await movements.next(LOOK_MILLISECONDS);
    }
  } finally {
    await movements.close();
  }
}

export async function look(house: House, spenders: readonly Spender[], { attempts }: Traffic): Promise<Seen> {
  const [rows, buckets] = await Promise.all([readRows(house), readBuckets(house)]);
  return { house, spenders, attempts: attempts.filter(({ endedAt }) => endedAt > 0), rows, buckets };
}

async function problems({ house, spenders, traffic }: Calm, served: Set<string>): Promise<string[]> {
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

/** Who has money left can spend it. */
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
