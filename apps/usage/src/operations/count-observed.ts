import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { ObservedRpc } from '#contracts/observed';
import type { Answers, Asked } from '#contracts/rpc';
import { Clock } from '#runtime/clock';
import { Freshness } from '../freshness.js';
import { readObserved } from '../store/observed.js';

const DAY = 86_400_000;

@Injectable()
export class CountObserved {
  constructor(
    private readonly db: DataSource,
    private readonly clock: Clock,
    private readonly freshness: Freshness,
  ) {}

  async run(request: Asked<typeof ObservedRpc.countObserved>): Promise<Answers<typeof ObservedRpc.countObserved>> {
    const { organization_id, rule_ids } = request;
    const as_of = this.freshness.asOf();
    const before = (days: number) => new Date(this.clock.now() - days * DAY);
    const counted = await readObserved(this.db, organization_id, rule_ids, { day: before(1), week: before(7) });
    const rules = rule_ids.map((rule_id) => {
      const { day = 0, week = 0 } = counted.get(rule_id) ?? {};
      return { rule_id, last_day: day, last_7_days: week };
    });
    return { rules, as_of };
  }
}
