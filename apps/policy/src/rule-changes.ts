import { Injectable } from '@nestjs/common';
import { AccessRpc } from '#contracts/access';
import { KeysRpc } from '#contracts/keys';
import { Refused } from '#contracts/refusals';
import type { CallContext } from '#contracts/rpc';
import { MOST_BYTES, MOST_CONDITIONS, MOST_RULES, type WireRule, type WireRuleSet } from '#contracts/rules';
import { assertCondition } from '#policy/condition';
import { ConditionProblem } from '#policy/condition-problem';
import { BusClient } from '#rpc/client';
import { Mutations } from '#runtime/store/mutations';
import { assertRevision } from '#runtime/store/revision';
import { RulesFeed } from './rules-feed.js';
import { type Bound, boundOf, lockRules, writeRules } from './store/rule-sets.js';

interface Request {
  readonly organization_id: string;
  readonly project_id?: string;
  readonly member_id?: string;
  readonly key_id?: string;
  readonly expected_revision?: number;
}

interface Work {
  readonly name: string;
  /** What the audit log calls it. */
  readonly action: `rules.${string}`;
  readonly request: Request;
  readonly context: CallContext;
  /** The rules as they shall be. */
  readonly change: (rules: readonly WireRule[], now: Date) => readonly WireRule[];
}

const ASK_MILLISECONDS = 900;

/** How rules are changed: whoever asks may, the set is locked, checked, written down with before and after, and told. */
@Injectable()
export class RuleChanges {
  constructor(
    private readonly mutations: Mutations,
    private readonly feed: RulesFeed,
    private readonly bus: BusClient,
  ) {}

  async change({ name, action, request, context, change }: Work): Promise<WireRuleSet> {
    const { organization_id, project_id, member_id, key_id, expected_revision } = request;
    const bound = boundOf(request);
    const answer = await this.mutations.run<WireRuleSet>({
      name,
      asks: { organization_id, project_id, member_id, key_id, needs: 'admin', as_operator: false },
      context,
      request,
      work: async ({ db, actor, now, audit }) => {
        await this.assertNotOwn(actor, bound);
        const before = await lockRules(db, bound);
        assertRevision(String(before.revision), expected_revision);
        const rules = change(before.rules, now);
        assertFits(rules);
        const changes = differenceOf(before.rules, rules);
        if (!changes) return before;
        const revision = await writeRules(db, bound, rules, now);
        audit({ action, subject: bound.subject, ...changes });
        // The last statement but for the entry of the audit log, which takes no lock of others.
        await this.feed.record(db, bound, now);
        return { ...before, rules: [...rules], revision, updated_at: now.toISOString() };
      },
    });
    await this.feed.tell();
    return answer;
  }

  /** Nor does an admin take rules off their own keys; over an owner there is nobody who could. */
  private async assertOwner(actor: string, organization_id: string): Promise<void> {
    const options = { actor, timeoutMs: ASK_MILLISECONDS };
    const { role } = await this.bus.call(AccessRpc.authorize, { organization_id, needs: 'admin' }, options);
    if (role === 'owner') return;
    throw new Refused('forbidden', { message: 'The rules that bind your own keys are for somebody else to change.' });
  }

  /** A key that could change the rules that bind it would be bound by none. */
  private async assertNotOwn(actor: string, { organizationId, level, subject }: Bound): Promise<void> {
    const [kind, id = ''] = actor.split(':');
    if (kind === 'member' && subject === id) await this.assertOwner(actor, organizationId);
    if (kind !== 'key') return;
    const asked = { organization_id: organizationId, key_id: id };
    const own = await this.bus.call(KeysRpc.getKey, asked, { timeoutMs: ASK_MILLISECONDS });
    const makers = own.made_by.map((maker) => maker.slice(maker.indexOf(':') + 1));
    if (level !== 'organization' && ![own.id, own.project_id, ...makers].includes(subject)) return;
    throw new Refused('permission_denied', { message: 'An API key cannot change the rules that bind it.' });
  }
}

/** What a gateway has to hold and to ask on every request has bounds, and what it cannot understand is never kept. */
function assertFits(rules: readonly WireRule[]): void {
  if (rules.length > MOST_RULES) throw invalid(`There can be at most ${MOST_RULES} rules.`, 'rules');
  if (Buffer.byteLength(JSON.stringify(rules)) > MOST_BYTES)
    throw invalid(`These rules are too long: ${MOST_BYTES} bytes at most.`, 'rules');
  const conditions = rules.flatMap(({ condition }, index) => (condition === null ? [] : [{ condition, index }]));
  if (conditions.length > MOST_CONDITIONS)
    throw invalid(`There can be at most ${MOST_CONDITIONS} rules with a condition.`, 'rules');
  for (const { condition, index } of conditions)
    assertUnderstood(condition, rules.length > 1 ? `rules.${index}.condition` : 'condition');
}

function assertUnderstood(condition: string, param: string): void {
  try {
    assertCondition(condition);
  } catch (error) {
    if (!(error instanceof ConditionProblem)) throw error;
    throw invalid(`The condition ${error.message}.`, param);
  }
}

function invalid(message: string, param: string): Refused {
  return new Refused('invalid_request', { message, param });
}

/** The rules that are new, gone or different; null where all are what they were. */
function differenceOf(before: readonly WireRule[], after: readonly WireRule[]) {
  const textOf = (rules: readonly WireRule[]) => new Set(rules.map((rule) => JSON.stringify(rule, sorted)));
  const [were, are] = [textOf(before), textOf(after)];
  const gone = before.filter((rule) => !are.has(JSON.stringify(rule, sorted)));
  const come = after.filter((rule) => !were.has(JSON.stringify(rule, sorted)));
  return gone.length || come.length ? { before: { rules: gone }, after: { rules: come } } : null;
}

/** Postgres keeps the fields of a jsonb in an order of its own. */
function sorted(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
