import { BusyWatch } from './busy-watch.js';
import { becomesRight, look } from './calm.js';
import { planFaults } from './faults.js';
import { mostInAMinute, tooFast, wronglyRefused } from './findings.js';
import type { House } from './house.js';
import { Random } from './random.js';
import { makeSpenders } from './spenders.js';
import { Timeline } from './timeline.js';
import { Traffic } from './traffic.js';
import { trouble } from './trouble.js';
import { everOverspent } from './watch.js';

interface Wanted {
  readonly seed: number;
  /** How long there is trouble. */
  readonly seconds: number;
  readonly aloud?: boolean;
}

export interface Result {
  readonly seed: number;
  readonly leaseSeconds: number;
  readonly faults: readonly string[];
  readonly attempts: number;
  readonly forwarded: number;
  readonly rows: number;
  readonly abandoned: number;
  readonly refused503: number;
  /** The longest wait for an answer that was a refusal. */
  readonly slowestRefusalMs: number;
  /** Of each key with a rate. */
  readonly mostInAMinute: readonly string[];
  /** So many keys were let in by gateways themselves, at the same time. */
  readonly mostBusyKeys: number;
  /** Until everything was right again. */
  readonly calmAfterSeconds: number;
  readonly seconds: number;
  readonly wrong: readonly string[];
  readonly timeline: string;
}

/** One run: traffic, trouble, calm, and then every account is compared with every other. */
export async function runSeed(house: House, { seed, seconds, aloud = false }: Wanted): Promise<Result> {
  const timeline = new Timeline(aloud);
  const random = new Random(seed);
  house.upstream.record.requests.length = 0;
  const traffic = new Traffic(house, seed);
  const busy = new BusyWatch(house);
  try {
    timeline.say(`seed ${seed}: everything runs`);
    const spenders = await makeSpenders(house, seed, random);
    // A stream that outlives its hold is for rounds that are long themselves.
    traffic.start(spenders, seconds > house.leaseSeconds * 0.375);
    const faults = planFaults(seconds, seed % 3 === 0, random);
    const { redisAt, failed } = await trouble(house, faults, timeline);
    timeline.say('no more trouble');
    await Promise.all(
      [...house.apps.values()].map((app) => app.ready().then(() => timeline.say(`  ${app.name} is ready`))),
    );
    timeline.say('calm');
    const calmAt = timeline.seconds();
    const left = await becomesRight({ house, spenders, traffic, timeline });
    const calmAfterSeconds = Math.round(timeline.seconds() - calmAt);
    const seen = await look(house, spenders, traffic);
    const ever = (await everOverspent(house.services.postgres.url)).map((line) => `overspent: ${line}`);
    const deaths = [...house.apps.values()].flatMap((app) => app.deaths);
    const wrong = [...failed, ...deaths, ...ever, ...left, ...wronglyRefused(seen), ...tooFast(seen, redisAt)];
    timeline.say(wrong.length ? `WRONG:\n${wrong.slice(0, 40).join('\n')}` : 'all accounts agree');
    const { attempts, rows } = seen;
    const ours = new Set(spenders.map(({ id }) => id));
    const booked = rows.filter(({ key }) => ours.has(key));
    return {
      ...{ seed, leaseSeconds: house.leaseSeconds, calmAfterSeconds, seconds: Math.round(timeline.seconds()), wrong },
      faults: faults.map(({ kind }) => kind),
      attempts: attempts.length,
      forwarded: house.upstream.record.requests.length,
      rows: booked.length,
      abandoned: booked.filter(({ outcome }) => outcome === 'abandoned').length,
      refused503: attempts.filter(({ status }) => status === 503).length,
      slowestRefusalMs: Math.max(
        0,
        ...attempts.map(({ status, answeredAfter }) => (status === 200 ? 0 : (answeredAfter ?? 0))),
      ),
      mostInAMinute: mostInAMinute(seen),
      mostBusyKeys: busy.most,
      timeline: String(timeline),
    };
  } finally {
    busy.stop();
    await traffic.stop();
  }
}
