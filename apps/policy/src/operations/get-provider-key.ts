import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { ProviderKeysRpc, ProviderKeyView } from '#contracts/provider-keys';
import type { Asked } from '#contracts/rpc';
import { CatalogueBook } from '../catalogue-book.js';
import { findProviderKey, providerKeyView } from '../store/provider-keys.js';

@Injectable()
export class GetProviderKey {
  constructor(
    private readonly db: DataSource,
    private readonly book: CatalogueBook,
  ) {}

  async run(request: Asked<typeof ProviderKeysRpc.getProviderKey>): Promise<ProviderKeyView> {
    return providerKeyView(await findProviderKey(this.db.manager, request), await this.book.origins());
  }
}
