import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { z } from 'zod';
import type { Complete } from '#rpc/server';
import { ApiKey, Invitation, Member, Organization, Project } from './store/entities.js';

/** Whose organization a request means that does not say so, found by the first of these that it names. */
const NAMED = [
  ['key_id', ApiKey],
  ['project_id', Project],
  ['member_id', Member],
  ['invitation_id', Invitation],
] as const;

/**
 * Lets `nats req keyward.keys.list '{}'` work: a member or a key means its own organization; a service means that of what
 * it names, or the only one there is. Where it stays open, the contract refuses the request and names the field. This
 * fills in and decides nothing: who may do what is asked afterwards, as if the caller had written it.
 */
@Injectable()
export class Tenancy {
  constructor(private readonly db: DataSource) {}

  readonly complete: Complete = async ({ request }, body, { actor }) => {
    if (!(request instanceof z.ZodObject) || !('organization_id' in request.shape)) return body;
    if (typeof body !== 'object' || body === null || Array.isArray(body) || 'organization_id' in body) return body;
    const organizationId = (await this.ofActor(actor)) ?? (await this.ofNamed({ ...body })) ?? (await this.only());
    return organizationId === null ? body : { ...body, organization_id: organizationId };
  };

  /** A member or a key never means another organization than its own; one that is unknown means none. */
  private async ofActor(actor: string): Promise<string | null> {
    const [kind, id] = actor.split(':');
    if (kind === 'service') return null;
    const owned = await this.db.manager.findOneBy<Member | ApiKey>(kind === 'member' ? Member : ApiKey, { id });
    return owned?.organizationId ?? '';
  }

  private async ofNamed(body: Record<string, unknown>): Promise<string | null> {
    for (const [field, entity] of NAMED) {
      const id = body[field];
      if (typeof id !== 'string') continue;
      const owned = await this.db.manager.findOneBy<ApiKey | Project | Member | Invitation>(entity, { id });
      if (owned) return owned.organizationId;
    }
    return null;
  }

  private async only(): Promise<string | null> {
    const [first, second] = await this.db.manager.find(Organization, { take: 2 });
    return first && !second ? first.id : null;
  }
}
