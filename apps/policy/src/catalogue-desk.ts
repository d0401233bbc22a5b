import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { ProviderView } from '#contracts/catalogue';
import { Clock } from '#runtime/clock';
import { CatalogueBook } from './catalogue-book.js';
import { CatalogueViews } from './catalogue-views.js';
import { mergedProviders } from './compose-catalogue.js';
import { readOverlay } from './store/overlay.js';

/** The published catalogue, for people to read. */
@Injectable()
export class CatalogueDesk {
  constructor(
    private readonly db: DataSource,
    private readonly book: CatalogueBook,
    private readonly clock: Clock,
  ) {}

  async views(): Promise<CatalogueViews> {
    const [catalogue, over] = [await this.book.current(), await readOverlay(this.db.manager)];
    return new CatalogueViews(catalogue, over, this.clock.now());
  }

  async providers(): Promise<ProviderView[]> {
    const [catalogue, over] = [await this.book.current(), await readOverlay(this.db.manager)];
    const views = new CatalogueViews(catalogue, over, this.clock.now());
    const said = Object.entries(mergedProviders(this.book.file, over));
    return said.map(([id, provider]) => views.provider(id, provider)).sort((a, b) => (a.id < b.id ? -1 : 1));
  }
}
