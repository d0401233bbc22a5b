import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Catalogue } from '#contracts/policy';
import { Refused } from '#contracts/refusals';
import { newestCatalogue } from '../store/catalogues.js';

@Injectable()
export class GetCatalogue {
  constructor(private readonly db: DataSource) {}

  /** The newest of all replicas', not this one's own: during a roll-out every gateway gets the same answer. */
  async run(): Promise<Catalogue> {
    const newest = await newestCatalogue(this.db.manager);
    if (!newest) throw new Refused('service_unavailable', { message: 'The catalogue is not there yet.' });
    return { revision: Number(newest.revision), ...newest.content };
  }
}
