import { Injectable } from '@nestjs/common';
import type { Catalogue } from '#contracts/policy';
import { CatalogueBook } from '../catalogue-book.js';

@Injectable()
export class GetCatalogue {
  constructor(private readonly book: CatalogueBook) {}

  run(): Promise<Catalogue> {
    return this.book.current();
  }
}
