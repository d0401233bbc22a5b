import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Catalogue } from '#contracts/policy';

@Entity({ name: 'catalogue' })
export class PublishedCatalogue {
  @PrimaryColumn('bigint') revision: string;
  @Column('jsonb') content: Omit<Catalogue, 'revision'>;
  @Column('text') digest: string;
  @Column('timestamptz', { name: 'published_at' }) publishedAt: Date;
}
