import { Injectable } from '@nestjs/common';
import type { KeyQuery, KeyView } from '#contracts/admin-keys';
import { KeysRpc } from '#contracts/keys';
import { Refused } from '#contracts/refusals';
import type { Asks, Gets } from '#contracts/rpc';
import { BusClient, type CallOptions } from '#rpc/client';
import { KeyViews } from './key-views.js';

type Page = Gets<typeof KeysRpc.listKeys>;
type Ask = Asks<typeof KeysRpc.listKeys>;

interface Found {
  readonly data: KeyView[];
  readonly has_more: boolean;
  readonly next_cursor: string | null;
  readonly counts: Page['counts'];
}

const STEP = 100;
/** After so many steps a page is handed out as it is, short or even empty, and its cursor goes on from there. */
const MOST_STEPS = 20;

/**
 * Keys by everything one can ask of them. What the keys service knows is decided in its SQL; how much of a limit is
 * spent, and when a key was last used, only the usage service knows: so keys are walked in their order, a hundred at a
 * time, and those that fit are kept. The ledger is never read, only the totals of the keys at hand.
 */
@Injectable()
export class KeySearch {
  constructor(
    private readonly client: BusClient,
    private readonly views: KeyViews,
  ) {}

  async find(tenant: { organization_id: string }, query: KeyQuery, options: CallOptions): Promise<Found> {
    const ask = { ...tenant, ...askOf(query) };
    const fits = fitting(query);
    if (!fits) {
      const page = await this.client.call(KeysRpc.listKeys, { ...ask, limit: query.limit }, options);
      const { next_cursor, counts } = page;
      return { data: await this.views.of(page.keys), has_more: next_cursor !== null, next_cursor, counts };
    }
    return this.walk(ask, query, fits, options);
  }

  private async walk(ask: Ask, { limit, cursor }: KeyQuery, fits: Fits, options: CallOptions): Promise<Found> {
    const data: KeyView[] = [];
    let counts: Page['counts'] = { active: 0, inactive: 0 };
    let place: string | null = cursor ?? null;
    for (let step = 0; step < MOST_STEPS; step++) {
      const asked = { ...ask, limit: STEP, cursor: place ?? undefined };
      const page: Page = await this.client.call(KeysRpc.listKeys, asked, options);
      counts = page.counts;
      for (const [index, view] of (await this.views.counted(page.keys)).entries()) {
        if (!fits(view)) continue;
        // One more than asked for: there is a next page, and it begins behind the last one kept.
        if (data.length === limit) return { data, has_more: true, next_cursor: place, counts };
        data.push(view);
        place = page.cursors[index] ?? null;
      }
      if (page.next_cursor === null) return { data, has_more: false, next_cursor: null, counts };
      place = page.next_cursor;
    }
    return { data, has_more: true, next_cursor: place, counts };
  }
}

function askOf({
  project,
  ids,
  sort,
  limit_state,
  unused_since,
  has_rules: _rules,
  cursor,
  limit: _,
  ...rest
}: KeyQuery): Omit<Ask, 'organization_id'> {
  const down = sort.startsWith('-');
  return {
    ...rest,
    cursor,
    project_id: project,
    key_ids: ids,
    sort: sort.replace('-', '') as Ask['sort'],
    order: down ? 'desc' : 'asc',
    // What cannot fit is not even walked over.
    ...(limit_state === 'near' || limit_state === 'reached' ? { limited: true } : {}),
    ...(unused_since === undefined ? {} : { created_before: unused_since }),
  };
}

type Fits = (view: KeyView) => boolean;

function fitting({ limit_state, unused_since, has_rules }: KeyQuery): Fits | null {
  if (limit_state === undefined && unused_since === undefined && has_rules === undefined) return null;
  return (view) =>
    (limit_state === undefined || view.limit_state === limit_state) &&
    (unused_since === undefined || view.last_used_at === null || view.last_used_at < unused_since) &&
    (has_rules === undefined || rulesOf(view) > 0 === has_rules);
}

/** While nobody can say, nothing is left out for having none. */
function rulesOf({ iam_rules }: KeyView): number {
  if (iam_rules === null) throw new Refused('service_unavailable');
  return iam_rules;
}
