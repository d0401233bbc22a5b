import { Injectable } from '@nestjs/common';
import { Refused } from '#contracts/refusals';
import type { Answers, Asked, CallContext } from '#contracts/rpc';
import type { RulesRpc, WireRule } from '#contracts/rules';
import { RuleChanges } from '../rule-changes.js';
import { newRuleId, noRule } from '../rule-ids.js';

type Request = Asked<typeof RulesRpc.putRules>;

@Injectable()
export class PutRules {
  constructor(private readonly changes: RuleChanges) {}

  run(request: Request, context: CallContext): Promise<Answers<typeof RulesRpc.putRules>> {
    const change = (before: readonly WireRule[], now: Date) => whole(request.rules, before, now);
    return this.changes.change({ name: 'putRules', action: 'rules.put', request, context, change });
  }
}

/** A rule that comes with its id stays that rule; an id that is not here is somebody else’s, or a slip. */
function whole(wanted: Request['rules'], before: readonly WireRule[], now: Date): WireRule[] {
  const known = new Set(before.map(({ id }) => id));
  const seen = new Set<string>();
  return wanted.map((rule, index) => {
    const { id } = rule;
    if (id === undefined) return { ...rule, id: newRuleId(now) };
    if (!known.has(id)) throw noRule(`rules.${index}.id`);
    if (seen.has(id))
      throw new Refused('invalid_request', { message: 'A rule is named twice.', param: `rules.${index}.id` });
    seen.add(id);
    return { ...rule, id };
  });
}
