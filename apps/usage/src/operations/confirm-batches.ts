import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { ReportsRpc } from '#contracts/reports';
import type { Answers, Asked } from '#contracts/rpc';

@Injectable()
export class ConfirmBatches {
  constructor(private readonly db: DataSource) {}

  async run({ ids }: Asked<typeof ReportsRpc.confirmBatches>): Promise<Answers<typeof ReportsRpc.confirmBatches>> {
    const found: { id: string }[] = await this.db.query('SELECT id FROM usage_batch WHERE id = ANY($1)', [ids]);
    return { written: found.map(({ id }) => id) };
  }
}
