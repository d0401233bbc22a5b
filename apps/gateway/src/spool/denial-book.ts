import type { DenialCount, UsageEvent } from '#contracts/usage';

const MINUTE_MILLISECONDS = 60_000;
/** Of each key in each minute: enough to see why, and to see that it goes on. */
const KEPT_A_MINUTE = 60;

/** Keeps a client that is refused and does not stop from filling the log: the rest is only counted. */
export class DenialBook {
  private minute = 0;
  private readonly kept = new Map<string, number>();
  private counts = new Map<string, DenialCount>();

  /** Whether this one is to be kept whole. */
  take({ organization_id, project_id, key_id, currency }: UsageEvent, now: number): boolean {
    const minute = Math.floor(now / MINUTE_MILLISECONDS) * MINUTE_MILLISECONDS;
    if (minute !== this.minute) this.kept.clear();
    this.minute = minute;
    const kept = this.kept.get(key_id) ?? 0;
    this.kept.set(key_id, kept + 1);
    if (kept < KEPT_A_MINUTE) return true;
    const place = `${minute} ${key_id}`;
    const count = (this.counts.get(place)?.count ?? 0) + 1;
    const at = new Date(minute).toISOString();
    this.counts.set(place, { organization_id, project_id, key_id, currency, at, count });
    return false;
  }

  /** What was counted since this was last asked. */
  flush(): DenialCount[] {
    const counts = [...this.counts.values()];
    this.counts = new Map();
    return counts;
  }
}
