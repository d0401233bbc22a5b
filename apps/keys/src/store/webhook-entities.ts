import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Delivery as DeliveryView, Webhook as WebhookView } from '#contracts/webhooks';

@Entity()
export class Webhook {
  @PrimaryColumn('text') id: string;
  @Column('text', { name: 'organization_id' }) organizationId: string;
  @Column('text', { name: 'project_id', nullable: true }) projectId: string | null;
  @Column('text') url: string;
  @Column('text') description: string;
  @Column('text', { array: true }) events: string[];
  @Column('bytea') secret: Buffer;
  @Column('bytea', { name: 'previous_secret', nullable: true }) previousSecret: Buffer | null;
  @Column('timestamptz', { name: 'previous_until', nullable: true }) previousUntil: Date | null;
  @Column('text') status: WebhookView['status'];
  @Column('text', { name: 'paused_because', nullable: true }) pausedBecause: WebhookView['paused_because'];
  @Column('timestamptz', { name: 'created_at' }) createdAt: Date;
  @Column('text', { name: 'created_by' }) createdBy: string;
  @Column('timestamptz', { name: 'updated_at' }) updatedAt: Date;
  @Column('timestamptz', { name: 'deleted_at', nullable: true }) deletedAt: Date | null;
  @Column('bigint') revision: string;
}

@Entity({ name: 'webhook_delivery' })
export class Delivery {
  @PrimaryColumn('text') id: string;
  @Column('text', { name: 'webhook_id' }) webhookId: string;
  @Column('text', { name: 'organization_id' }) organizationId: string;
  @Column('text') event: string;
  @Column('text') type: string;
  @Column('jsonb') payload: unknown;
  @Column('text') status: DeliveryView['status'];
  @Column('int') tries: number;
  @Column('timestamptz', { name: 'created_at' }) createdAt: Date;
  @Column('timestamptz', { name: 'next_try_at', nullable: true }) nextTryAt: Date | null;
  @Column('timestamptz', { name: 'last_tried_at', nullable: true }) lastTriedAt: Date | null;
  @Column('int', { name: 'response_status', nullable: true }) responseStatus: number | null;
  @Column('text', { nullable: true }) response: string | null;
  @Column('text', { nullable: true }) error: string | null;
}
