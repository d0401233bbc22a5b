import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Answers, Asked, CallContext } from '#contracts/rpc';
import type { WebhooksRpc } from '#contracts/webhooks';
import { newId } from '#domain/id';
import { type Doing, Mutations } from '../mutation/mutations.js';
import { lockOrganization } from '../store/locked-organization.js';
import { Webhook } from '../store/webhook-entities.js';
import { assertProject, assertRoom, auditedWebhook, webhookView } from '../store/webhooks.js';
import { WebhookSecrets } from '../webhooks/webhook-secrets.js';

type Request = Asked<typeof WebhooksRpc.createWebhook>;
type Answer = Answers<typeof WebhooksRpc.createWebhook>;

@Injectable()
export class CreateWebhook {
  constructor(
    private readonly mutations: Mutations,
    private readonly secrets: WebhookSecrets,
  ) {}

  async run(request: Request, context: CallContext): Promise<Answer> {
    const { answer } = await this.mutations.run<Answer>({
      name: 'createWebhook',
      organizationId: request.organization_id,
      needs: 'webhook',
      context,
      request,
      work: (doing) => this.create(doing, request),
      keep: ({ secret: _, ...answer }) => answer,
    });
    return answer;
  }

  private async create({ db, who, now, audit }: Doing, request: Request): Promise<Answer> {
    const { organization_id: organizationId, project_id: projectId, url, description, events } = request;
    await lockOrganization(db, organizationId);
    await assertRoom(db, organizationId);
    await assertProject(db, organizationId, projectId);
    const id = newId('webhook', now.getTime(), randomBytes(10));
    const { text, sealed } = this.secrets.mint(id);
    const webhook: Webhook = {
      ...{ id, organizationId, projectId, url, description, events, secret: sealed },
      previousSecret: null,
      previousUntil: null,
      status: 'active',
      pausedBecause: null,
      createdAt: now,
      createdBy: who.name,
      updatedAt: now,
      deletedAt: null,
      revision: '1',
    };
    await db.insert(Webhook, webhook);
    audit({ action: 'webhook.create', subject: id, before: null, after: auditedWebhook(webhook) });
    return { ...webhookView(webhook), secret: text };
  }
}
