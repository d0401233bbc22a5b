import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { type EscrowRpc, HOLD_MILLISECONDS } from '#contracts/escrow';
import type { Answers, Asked } from '#contracts/rpc';
import { keepHolds } from '../bank/kept-holds.js';

type Request = Asked<typeof EscrowRpc.keepHolds>;

@Injectable()
export class KeepHolds {
  constructor(private readonly db: DataSource) {}

  async run({ holds }: Request): Promise<Answers<typeof EscrowRpc.keepHolds>> {
    const told = holds.map(({ buckets, ...hold }) => ({ ...hold, held: buckets }));
    return { kept: await keepHolds(this.db, told, HOLD_MILLISECONDS), keep_ms: HOLD_MILLISECONDS };
  }
}
