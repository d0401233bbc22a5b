import { Injectable } from '@nestjs/common';
import type { CatalogueRpc } from '#contracts/catalogue';
import type { Answers } from '#contracts/rpc';
import { CatalogueDesk } from '../catalogue-desk.js';

@Injectable()
export class ListProviders {
  constructor(private readonly desk: CatalogueDesk) {}

  async run(): Promise<Answers<typeof CatalogueRpc.listProviders>> {
    return { providers: await this.desk.providers() };
  }
}
