import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { ProviderKeysRpc } from '#contracts/provider-keys';
import type { Answers, Asked } from '#contracts/rpc';
import { readPage } from '#runtime/store/page';
import { CatalogueBook } from '../catalogue-book.js';
import { ProviderKey } from '../store/entities.js';
import { providerKeyView } from '../store/provider-keys.js';

@Injectable()
export class ListProviderKeys {
  constructor(
    private readonly db: DataSource,
    private readonly book: CatalogueBook,
  ) {}

  async run({
    organization_id,
    project_id,
    ...page
  }: Asked<typeof ProviderKeysRpc.listProviderKeys>): Promise<Answers<typeof ProviderKeysRpc.listProviderKeys>> {
    const keys = this.db
      .createQueryBuilder(ProviderKey, 'k')
      .where('k.organizationId = :organization_id', { organization_id });
    if (project_id !== undefined) keys.andWhere('k.projectId = :project_id', { project_id });
    const { rows, next_cursor } = await readPage(keys, page, 'ASC');
    const origins = await this.book.origins();
    return { provider_keys: rows.map((row) => providerKeyView(row, origins)), next_cursor };
  }
}
