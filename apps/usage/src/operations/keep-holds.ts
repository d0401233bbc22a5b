import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { EscrowRpc } from '#contracts/escrow';
import type { Answers, Asked } from '#contracts/rpc';
import type { Leases } from '#domain/budget/leases';
import { keepHolds } from '../bank/kept-holds.js';
import { LEASES } from '../kit.js';

type Request = Asked<typeof EscrowRpc.keepHolds>;

@Injectable()
export class KeepHolds {
  constructor(
    private readonly db: DataSource,
    @Inject(LEASES) private readonly leases: Leases,
  ) {}

  async run({ holds }: Request): Promise<Answers<typeof EscrowRpc.keepHolds>> {
    const told = holds.map(({ buckets, ...hold }) => ({ ...hold, held: buckets }));
    const { hold } = this.leases;
    return { kept: await keepHolds(this.db, told, hold), keep_ms: hold };
  }
}
