import { Injectable } from '@nestjs/common';
import type { CatalogueRpc } from '#contracts/catalogue';
import { Refused } from '#contracts/refusals';
import type { Answers, Asked } from '#contracts/rpc';
import { CatalogueDesk } from '../catalogue-desk.js';

@Injectable()
export class GetProvider {
  constructor(private readonly desk: CatalogueDesk) {}

  async run({
    provider_id,
  }: Asked<typeof CatalogueRpc.getProvider>): Promise<Answers<typeof CatalogueRpc.getProvider>> {
    const provider = (await this.desk.providers()).find(({ id }) => id === provider_id);
    if (provider) return provider;
    throw new Refused('not_found', { message: 'There is no such provider.' });
  }
}
