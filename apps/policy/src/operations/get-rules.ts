import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AccessRpc } from '#contracts/access';
import type { Answers, Asked, CallContext } from '#contracts/rpc';
import type { RulesRpc } from '#contracts/rules';
import { BusClient } from '#rpc/client';
import { boundOf, readRules } from '../store/rule-sets.js';

const ASK_MILLISECONDS = 900;

@Injectable()
export class GetRules {
  constructor(
    private readonly db: DataSource,
    private readonly bus: BusClient,
  ) {}

  /** What has no rules and what is not there look the same here; the keys service tells them apart. */
  async run(
    request: Asked<typeof RulesRpc.getRules>,
    { actor }: CallContext,
  ): Promise<Answers<typeof RulesRpc.getRules>> {
    await this.bus.call(AccessRpc.authorize, { ...request, needs: 'read' }, { actor, timeoutMs: ASK_MILLISECONDS });
    return readRules(this.db, boundOf(request));
  }
}
