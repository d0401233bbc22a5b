import { Injectable } from '@nestjs/common';
import type { CatalogueRpc } from '#contracts/catalogue';
import { Refused } from '#contracts/refusals';
import type { Answers, Asked } from '#contracts/rpc';
import { CatalogueDesk } from '../catalogue-desk.js';

@Injectable()
export class GetModel {
  constructor(private readonly desk: CatalogueDesk) {}

  async run({ model_id }: Asked<typeof CatalogueRpc.getModel>): Promise<Answers<typeof CatalogueRpc.getModel>> {
    const model = (await this.desk.views()).model(model_id);
    if (model) return model;
    throw new Refused('not_found', { message: 'There is no such model.' });
  }
}
