import { setTimeout as sleep } from 'node:timers/promises';
import type { Planned } from './faults.js';
import type { House } from './house.js';
import type { Timeline } from './timeline.js';

/** When Redis was in trouble, and what of the trouble could not be made. */
interface Troubles {
  readonly redisAt: readonly number[];
  readonly failed: readonly string[];
}

/** The faults of the plan, each at its time; those of one place one after the other. */
export async function trouble(house: House, faults: readonly Planned[], timeline: Timeline): Promise<Troubles> {
  const begun = performance.now();
  const busy = new Map<string, Promise<void>>();
  const redisAt: number[] = [];
  const failed: string[] = [];
  const running = faults.map(async (fault) => {
    await sleep(Math.max(0, fault.atSeconds * 1000 - (performance.now() - begun)));
    const before = busy.get(fault.place);
    const { promise, resolve } = Promise.withResolvers<void>();
    busy.set(fault.place, promise);
    await before;
    const note = () => redisAt.push(...(fault.place === 'redis' ? [performance.now()] : []));
    timeline.say(`→ ${fault.name}`);
    note();
    try {
      await fault.run(house);
    } catch (error) {
      failed.push(`the fault itself failed: ${fault.name}: ${(error as Error).message}`);
    }
    note();
    timeline.say(`  over: ${fault.name}`);
    resolve();
  });
  await Promise.all(running);
  return { redisAt, failed };
}
