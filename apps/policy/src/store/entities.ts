import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Catalogue } from '#contracts/policy';

@Entity({ name: 'catalogue' })
export class PublishedCatalogue {
  @PrimaryColumn('bigint') revision: string;
  @Column('jsonb') content: Omit<Catalogue, 'revision'>;
  @Column('text') digest: string;
  @Column('timestamptz', { name: 'published_at' }) publishedAt: Date;
}

@Entity({ name: 'provider_key' })
export class ProviderKey {
  @PrimaryColumn('text') id: string;
  @Column('text', { name: 'organization_id' }) organizationId: string;
  @Column('text', { name: 'project_id' }) projectId: string;
  @Column('text') provider: string;
  @Column('text') name: string;
  /** See libs/domain/src/provider-key: all that is stored of the secret. */
  @Column('text') sealed: string;
  /** Where it may go. */
  @Column('text') origin: string;
  @Column('text') preview: string;
  @Column('timestamptz', { name: 'created_at' }) createdAt: Date;
  @Column('text', { name: 'created_by' }) createdBy: string;
  @Column('bigint') revision: string;
}
