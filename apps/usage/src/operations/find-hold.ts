import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { EscrowRpc } from '#contracts/escrow';
import type { Answers, Asked } from '#contracts/rpc';
import { bornAt } from '#domain/id';

@Injectable()
export class FindHold {
  constructor(private readonly db: DataSource) {}

  async run({
    organization_id,
    request_id,
  }: Asked<typeof EscrowRpc.findHold>): Promise<Answers<typeof EscrowRpc.findHold>> {
    // The id says when the request was, and so in which partition its row is.
    const [found]: { is_kept: boolean; cost_nanos: string | null }[] = await this.db.query(
      `SELECT EXISTS (SELECT 1 FROM kept_hold
                WHERE organization_id = $1 AND request_id = $2 AND kept_until > clock_timestamp()) AS is_kept,
              (SELECT sum(cost_nanos) FROM usage_event
                WHERE organization_id = $1 AND request_id = $2 AND at = $3 AND kind IN ('final', 'correction')) AS cost_nanos`,
      [organization_id, request_id, new Date(bornAt(request_id)).toISOString()],
    );
    return { is_kept: found?.is_kept ?? false, cost_nanos: found?.cost_nanos ?? null };
  }
}
