import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Key } from '#contracts/keys';
import type { Organization as OrganizationView } from '#contracts/people';
import type { Project as ProjectView } from '#contracts/projects';
import type { Role, Scope } from '#domain/access/scope';
import type { Alignment, WindowUnit } from '#domain/budget/window';
import { Delivery, Webhook } from './webhook-entities.js';

@Entity()
export class Organization {
  @PrimaryColumn('text') id: string;
  @Column('text') name: string;
  @Column('text', { name: 'leak_policy' }) leakPolicy: OrganizationView['leak_policy'];
  /** The currencies in which it pays in advance. */
  @Column('text', { array: true }) prepaid: string[];
  @Column('timestamptz', { name: 'created_at' }) createdAt: Date;
  @Column('bigint') revision: string;
}

@Entity()
export class Project {
  @PrimaryColumn('text') id: string;
  @Column('text', { name: 'organization_id' }) organizationId: string;
  @Column('text') name: string;
  @Column('text') profile: string;
  @Column('text') plan: string;
  @Column('jsonb') defaults: ProjectView['defaults'];
  @Column('numeric', { name: 'budget_nanos', nullable: true }) budgetNanos: string | null;
  @Column('numeric', { name: 'recurring_nanos', nullable: true }) recurringNanos: string | null;
  @Column('integer', { name: 'recurring_every', nullable: true }) recurringEvery: number | null;
  @Column('text', { name: 'recurring_unit', nullable: true }) recurringUnit: WindowUnit | null;
  @Column('text', { name: 'recurring_align', nullable: true }) recurringAlign: Alignment | null;
  @Column('timestamptz', { name: 'recurring_since', nullable: true }) recurringSince: Date | null;
  @Column('integer', { name: 'spend_epoch' }) spendEpoch: number;
  @Column('timestamptz', { name: 'created_at' }) createdAt: Date;
  @Column('timestamptz', { name: 'deleted_at', nullable: true }) deletedAt: Date | null;
  @Column('bigint') revision: string;
}

@Entity()
export class Member {
  @PrimaryColumn('text') id: string;
  @Column('text', { name: 'organization_id' }) organizationId: string;
  @Column('text') email: string;
  @Column('text') name: string;
  @Column('text') role: Role;
  /** Null for somebody who only ever comes through an OpenID provider. */
  @Column('text', { name: 'password_hash', nullable: true }) passwordHash: string | null;
  /** `issuer subject` of the OpenID provider. */
  @Column('text', { name: 'external_identity', nullable: true }) externalIdentity: string | null;
  @Column('timestamptz', { name: 'created_at' }) createdAt: Date;
  @Column('timestamptz', { name: 'last_sign_in_at', nullable: true }) lastSignInAt: Date | null;
  @Column('timestamptz', { name: 'removed_at', nullable: true }) removedAt: Date | null;
  @Column('bigint') revision: string;
}

@Entity()
export class Invitation {
  @PrimaryColumn('text') id: string;
  @Column('text', { name: 'organization_id' }) organizationId: string;
  @Column('text') email: string;
  @Column('text') role: Role;
  @Column('text', { name: 'token_digest' }) tokenDigest: string;
  @Column('text', { name: 'invited_by' }) invitedBy: string;
  @Column('timestamptz', { name: 'created_at' }) createdAt: Date;
  @Column('timestamptz', { name: 'expires_at' }) expiresAt: Date;
  @Column('timestamptz', { name: 'accepted_at', nullable: true }) acceptedAt: Date | null;
  @Column('timestamptz', { name: 'revoked_at', nullable: true }) revokedAt: Date | null;
}

@Entity()
export class Session {
  @PrimaryColumn('text') id: string;
  @Column('text', { name: 'member_id' }) memberId: string;
  @Column('text', { nullable: true }) origin: string | null;
  @Column('timestamptz', { name: 'created_at' }) createdAt: Date;
  @Column('timestamptz', { name: 'expires_at' }) expiresAt: Date;
  @Column('timestamptz', { name: 'last_seen_at', nullable: true }) lastSeenAt: Date | null;
  @Column('timestamptz', { name: 'ended_at', nullable: true }) endedAt: Date | null;
}

@Entity()
export class ApiKey {
  @PrimaryColumn('text') id: string;
  @Column('text', { name: 'organization_id' }) organizationId: string;
  @Column('text', { name: 'project_id' }) projectId: string;
  @Column('text') name: string;
  @Column('text', { array: true }) scopes: Scope[];
  @Column('jsonb') tags: Key['tags'];
  @Column('integer', { name: 'rate_limit', nullable: true }) rateLimit: number | null;
  @Column('integer', { name: 'token_limit', nullable: true }) tokenLimit: number | null;
  @Column('integer', { name: 'max_parallel', nullable: true }) maxParallel: number | null;
  @Column('numeric', { name: 'budget_nanos', nullable: true }) budgetNanos: string | null;
  @Column('numeric', { name: 'recurring_nanos', nullable: true }) recurringNanos: string | null;
  @Column('integer', { name: 'recurring_every', nullable: true }) recurringEvery: number | null;
  @Column('text', { name: 'recurring_unit', nullable: true }) recurringUnit: WindowUnit | null;
  @Column('text', { name: 'recurring_align', nullable: true }) recurringAlign: Alignment | null;
  @Column('timestamptz', { name: 'recurring_since', nullable: true }) recurringSince: Date | null;
  @Column('integer', { name: 'spend_epoch' }) spendEpoch: number;
  @Column('timestamptz', { name: 'created_at' }) createdAt: Date;
  @Column('text', { name: 'created_by' }) createdBy: string;
  /** Who made it, who made that, and so on to a person or a service: whose rules bind it, too. */
  @Column('text', { name: 'made_by', array: true }) madeBy: string[];
  @Column('timestamptz', { name: 'updated_at' }) updatedAt: Date;
  @Column('timestamptz', { name: 'expires_at', nullable: true }) expiresAt: Date | null;
  @Column('timestamptz', { name: 'disabled_at', nullable: true }) disabledAt: Date | null;
  @Column('timestamptz', { name: 'leaked_at', nullable: true }) leakedAt: Date | null;
  /** Deleted keys stay for the ledger; nobody can see or use them. */
  @Column('timestamptz', { name: 'deleted_at', nullable: true }) deletedAt: Date | null;
  /** Counts up with every change of this key: its ETag. */
  @Column('bigint') revision: string;
}

@Entity({ name: 'key_secret' })
export class KeySecret {
  @PrimaryColumn('text') id: string;
  @Column('text', { name: 'key_id' }) keyId: string;
  /** SHA-256 of the secret, base64url: all that is ever stored of it. */
  @Column('text') digest: string;
  @Column('text') preview: string;
  @Column('timestamptz', { name: 'created_at' }) createdAt: Date;
  /** The secret no longer works from this moment on; null for the current one. */
  @Column('timestamptz', { name: 'valid_until', nullable: true }) validUntil: Date | null;
}

@Entity({ name: 'audit_event' })
export class AuditEntry {
  @PrimaryColumn('text', { name: 'organization_id' }) organizationId: string;
  @PrimaryColumn('bigint') seq: string;
  @Column('timestamptz') at: Date;
  @Column('text') actor: string;
  @Column('text') action: string;
  @Column('text') subject: string;
  @Column('jsonb', { nullable: true }) before: Record<string, unknown> | null;
  @Column('jsonb', { nullable: true }) after: Record<string, unknown> | null;
  @Column('text', { nullable: true }) origin: string | null;
  @Column('text', { name: 'request_id' }) requestId: string;
  @Column('text') hash: string;
}

export const ENTITIES = [
  Organization,
  Project,
  Member,
  Invitation,
  Session,
  ApiKey,
  KeySecret,
  AuditEntry,
  Webhook,
  Delivery,
];
