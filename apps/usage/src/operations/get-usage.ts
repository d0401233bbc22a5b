import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Answers, Asked } from '#contracts/rpc';
import type { UsageRpc } from '#contracts/usage';
import { bucketId } from '#domain/budget/bucket-id';
import { formatMoney } from '#domain/money';
import { Clock } from '#runtime/clock';
import { usesOf } from '../store/secret-uses.js';

type Request = Asked<typeof UsageRpc.getUsage>;

interface Total {
  readonly key_id: string;
  readonly requests: string | null;
  readonly input_tokens: string | null;
  readonly output_tokens: string | null;
  readonly cost: string | null;
  readonly spent: string | null;
  readonly period_spent: string | null;
  readonly last_used_at: Date | null;
}

@Injectable()
export class GetUsage {
  constructor(
    private readonly db: DataSource,
    private readonly clock: Clock,
  ) {}

  async run({ organization_id, keys }: Request): Promise<Answers<typeof UsageRpc.getUsage>> {
    const ids = keys.map((key) => key.key_id);
    const [totals, uses] = await Promise.all([
      this.totals(organization_id, keys),
      usesOf(this.db, organization_id, ids),
    ]);
    return {
      as_of: this.clock.date().toISOString(),
      keys: totals.map((total) => {
        const secrets = uses.get(total.key_id) ?? [];
        return {
          key_id: total.key_id,
          requests: Number(total.requests ?? 0),
          input_tokens: Number(total.input_tokens ?? 0),
          output_tokens: Number(total.output_tokens ?? 0),
          cost: formatMoney(BigInt(total.cost ?? 0)),
          spent: formatMoney(BigInt(total.spent ?? 0)),
          period_spent: formatMoney(BigInt(total.period_spent ?? 0)),
          last_used_at: latest(total.last_used_at?.toISOString(), secrets[0]?.last_used_at),
          secrets,
        };
      }),
    };
  }

  /** One statement, so one snapshot: a request is in all of a key's figures, or in none. Three rows of each key at the most. */
  private totals(organizationId: string, keys: Request['keys']): Promise<Total[]> {
    const asked = keys.map(({ key_id, spend_epoch, window_start }) => ({
      key_id,
      ever: bucketId(key_id, spend_epoch, null),
      period: window_start && bucketId(key_id, spend_epoch, window_start),
    }));
    return this.db.query(
      `SELECT asked.key_id, t.requests, t.input_tokens, t.output_tokens, t.cost_nanos AS cost, t.last_used_at,
              ever.settled AS spent, period.settled AS period_spent
         FROM jsonb_to_recordset($2::jsonb) AS asked(key_id text, ever text, period text)
         LEFT JOIN key_total t ON t.key_id = asked.key_id AND t.organization_id = $1
         LEFT JOIN bucket ever ON ever.id = asked.ever AND ever.organization_id = $1
         LEFT JOIN bucket period ON period.id = asked.period AND period.organization_id = $1`,
      [organizationId, JSON.stringify(asked)],
    );
  }
}

/** RFC 3339 in UTC sorts as text. */
function latest(...moments: readonly (string | undefined)[]): string | null {
  return (
    moments
      .filter((moment) => moment !== undefined)
      .sort()
      .at(-1) ?? null
  );
}
