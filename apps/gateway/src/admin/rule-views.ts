import { Injectable } from '@nestjs/common';
import type { RuleSetView } from '#contracts/admin-rules';
import { ObservedRpc } from '#contracts/observed';
import { Refused } from '#contracts/refusals';
import type { WireRuleSet } from '#contracts/rules';
import { BusClient } from '#rpc/client';
import { tenantOf } from './call-options.js';
import type { Caller } from './caller.js';

/** A figure beside a rule: nobody waits long for it. */
const COUNT_MILLISECONDS = 800;

/** Rules as people see them: beside those that only observe, what they would have refused. */
@Injectable()
export class RuleViews {
  constructor(private readonly client: BusClient) {}

  /** While the usage service is away, what it has counted is null, and the rules are as ever. */
  async of(caller: Caller, set: WireRuleSet): Promise<RuleSetView> {
    const rule_ids = set.rules.filter(({ status }) => status === 'observe').map(({ id }) => id);
    if (rule_ids.length === 0) return { ...set, observed: [] };
    try {
      const asked = { ...tenantOf(caller), rule_ids };
      const { rules } = await this.client.call(ObservedRpc.countObserved, asked, { timeoutMs: COUNT_MILLISECONDS });
      return { ...set, observed: rules };
    } catch (error) {
      if (error instanceof Refused && error.status >= 500) return { ...set, observed: null };
      throw error;
    }
  }
}
