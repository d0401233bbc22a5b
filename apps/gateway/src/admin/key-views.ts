import { Injectable } from '@nestjs/common';
import type { KeyView } from '#contracts/admin-keys';
import type { Key } from '#contracts/keys';
import { Refused } from '#contracts/refusals';
import type { Gets } from '#contracts/rpc';
import { RulesRpc } from '#contracts/rules';
import { UsageRpc } from '#contracts/usage';
import { Limits } from '#counters/limits';
import { moneyOf } from '#counters/standing';
import { limitState } from '#domain/budget/limit-state';
import { SLOTS, type TillFacts } from '#domain/budget/reservation';
import { type Window, windowAt } from '#domain/budget/window';
import { formatMoney, type Nanos, parseMoney } from '#domain/money';
import { BusClient } from '#rpc/client';

type Total = Gets<typeof UsageRpc.getUsage>['keys'][number];

/** Usage is a figure beside a key: nobody waits long for it. */
const USAGE_MILLISECONDS = 800;

const UNUSED: Omit<Total, 'key_id'> = {
  requests: 0,
  input_tokens: 0,
  output_tokens: 0,
  cost: '0.00',
  spent: '0.00',
  period_spent: '0.00',
  last_used_at: null,
  secrets: [],
};

/** Keys as people see them: what the keys service says of them, and beside it what the usage service has counted. */
@Injectable()
export class KeyViews {
  constructor(
    private readonly client: BusClient,
    private readonly limits: Limits,
  ) {}

  /** While the usage service is away, what it would say is null, and everything else is as ever. */
  async of(keys: readonly Key[]): Promise<KeyView[]> {
    const now = Date.now();
    const [totals, beside] = await Promise.all([this.totals(keys, now).catch(unlessOutage), this.beside(keys)]);
    return keys.map((key) => beside(key, viewOf(key, totals?.get(key.id), now)));
  }

  async one(key: Key): Promise<KeyView> {
    const [view] = await this.of([key]);
    return view as KeyView;
  }

  /** For who decides by the figures: without them, an outage. */
  async counted(keys: readonly Key[]): Promise<KeyView[]> {
    const now = Date.now();
    const [totals, beside] = await Promise.all([this.totals(keys, now), this.beside(keys)]);
    return keys.map((key) => beside(key, viewOf(key, totals.get(key.id), now)));
  }

  /** A key that was made a moment ago: there is nothing to ask for. */
  unused(key: Key): KeyView {
    return { ...viewOf(key, { key_id: key.id, ...UNUSED }, Date.now()), iam_rules: 0 };
  }

  /** What others than the ledger know of keys. */
  private async beside(keys: readonly Key[]): Promise<(key: Key, view: Omit<KeyView, 'iam_rules'>) => KeyView> {
    const [rules, held] = await Promise.all([this.rules(keys), this.held(keys)]);
    return ({ id }, view) => ({
      ...view,
      period: view.period && { ...view.period, reserved: reservedIn(view.period.started_at, held.get(id)) },
      iam_rules: rules && (rules.get(id) ?? 0),
    });
  }

  /** What requests under way hold: only of keys whose windows show it. */
  private async held(keys: readonly Key[]): Promise<ReadonlyMap<string, TillFacts | null>> {
    const limited = keys.filter(({ recurring_limit }) => recurring_limit !== null).map(({ id }) => id);
    const facts = await this.limits.look(limited);
    return new Map(limited.map((id, i) => [id, facts[i] ?? null]));
  }

  /** How many each has of its own; null while the policy service is away. */
  private async rules([first, ...others]: readonly Key[]): Promise<ReadonlyMap<string, number> | null> {
    if (!first) return new Map();
    const asked = { organization_id: first.organization_id, key_ids: [first, ...others].map(({ id }) => id) };
    const soon = { timeoutMs: USAGE_MILLISECONDS };
    const counts = await this.client.call(RulesRpc.getRuleCounts, asked, soon).catch(unlessOutage);
    return counts && new Map(counts.keys.map(({ key_id, rules }) => [key_id, rules]));
  }

  private async totals(keys: readonly Key[], now: number): Promise<ReadonlyMap<string, Total>> {
    const [first] = keys;
    if (!first) return new Map();
    const request = {
      organization_id: first.organization_id,
      keys: keys.map((key) => ({
        key_id: key.id,
        spend_epoch: key.spend_epoch,
        window_start: iso(windowOf(key, now)?.start),
      })),
    };
    const { keys: totals } = await this.client.call(UsageRpc.getUsage, request, { timeoutMs: USAGE_MILLISECONDS });
    return new Map(totals.map((total) => [total.key_id, total]));
  }
}

function viewOf(
  { organization_id: _, made_by: _makers, ...key }: Key,
  total: Total | undefined,
  now: number,
): Omit<KeyView, 'iam_rules'> {
  const window = windowOf(key, now);
  return {
    ...key,
    last_used_at: total?.last_used_at ?? null,
    requests: total?.requests ?? null,
    usage: total?.spent ?? null,
    period: window && {
      usage: total?.period_spent ?? null,
      reserved: '0.00',
      started_at: new Date(window.start).toISOString(),
      resets_at: new Date(window.end).toISOString(),
    },
    limit_state: total
      ? limitState([
          { limit: nanos(key.budget), spent: nanos(total.spent) ?? 0n },
          { limit: nanos(key.recurring_limit?.amount), spent: nanos(total.period_spent) ?? 0n },
        ])
      : null,
    previous: key.previous && { ...key.previous, last_used_at: lastUse(total, key.previous.secret_id) },
  };
}

function reservedIn(start: string, held: TillFacts | null | undefined): string {
  const slot = held?.slots[SLOTS.indexOf('key_window')];
  return formatMoney(slot?.window === Date.parse(start) ? moneyOf(slot).reserved : 0n);
}

/** The window of the recurring limit, from the moment the limit was set. */
function windowOf({ recurring_limit, recurring_since }: Pick<Key, 'recurring_limit' | 'recurring_since'>, now: number) {
  if (recurring_limit === null || recurring_since === null) return null;
  const { every, unit, align } = recurring_limit;
  const window: Window = windowAt({ every, unit, align, anchor: Date.parse(recurring_since) }, now);
  return window;
}

function lastUse(total: Total | undefined, secretId: string): string | null {
  return total?.secrets.find((secret) => secret.secret_id === secretId)?.last_used_at ?? null;
}

function nanos(amount: string | null | undefined): Nanos | null {
  return amount == null ? null : parseMoney(amount);
}

function iso(time: number | undefined): string | null {
  return time === undefined ? null : new Date(time).toISOString();
}

function unlessOutage(error: unknown): null {
  if (error instanceof Refused && error.code === 'service_unavailable') return null;
  throw error;
}
