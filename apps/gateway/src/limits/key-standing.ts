import type { UsableKey } from '#contracts/keys';
import { ReportsRpc } from '#contracts/reports';
import type { Gets } from '#contracts/rpc';
import type { Limits } from '#counters/limits';
import { formatMoney, parseMoney } from '#domain/money';
import type { BusClient } from '#rpc/client';
import { limitsLeft } from './limits-left.js';

const DAY = 86_400_000;
/** A figure beside the limits: nobody waits long for it. */
const REPORT_MILLISECONDS = 800;

type Row = Gets<typeof ReportsRpc.getReport>['rows'][number];

/** `GET /v1/key`: what a key is, and what it has left. The numbers are those its next denial would have. */
export class KeyStanding {
  constructor(
    private readonly limits: Limits,
    private readonly client: BusClient,
  ) {}

  async of(key: UsableKey, now: number): Promise<object> {
    const [standing, usage] = await Promise.all([this.limits.standing(key, now), this.usage(key, now)]);
    return {
      object: 'key',
      id: key.key_id,
      label: key.name,
      status: 'active',
      project: key.project_id,
      scopes: key.scopes,
      tags: key.tags,
      expires_at: key.expires_at === null ? null : new Date(key.expires_at).toISOString(),
      currency: key.currency,
      limits: limitsLeft(key, standing),
      usage,
    };
  }

  /** Null while nobody can tell. */
  private async usage({ organization_id, project_id, key_id }: UsableKey, now: number): Promise<object | null> {
    const today = now - (now % DAY);
    const at = new Date(now);
    const week = today - ((at.getUTCDay() + 6) % 7) * DAY;
    const month = Date.UTC(at.getUTCFullYear(), at.getUTCMonth());
    const asked = {
      organization_id,
      project_id,
      key_id,
      start: new Date(Math.min(week, month)).toISOString(),
      end: new Date(today + DAY).toISOString(),
      bucket: '1d' as const,
    };
    try {
      const { rows, as_of } = await this.client.call(ReportsRpc.getReport, asked, { timeoutMs: REPORT_MILLISECONDS });
      return { today: sumOf(rows, today), this_week: sumOf(rows, week), this_month: sumOf(rows, month), as_of };
    } catch {
      return null;
    }
  }
}

function sumOf(rows: readonly Row[], since: number): object {
  const counted = rows.filter(({ start }) => Date.parse(start) >= since);
  const sum = (field: 'requests' | 'input_tokens' | 'output_tokens') =>
    counted.reduce((total, row) => total + row[field], 0);
  const cost = counted.reduce((total, row) => total + (parseMoney(row.cost) ?? 0n), 0n);
  return {
    requests: sum('requests'),
    input_tokens: sum('input_tokens'),
    output_tokens: sum('output_tokens'),
    cost: formatMoney(cost),
  };
}
