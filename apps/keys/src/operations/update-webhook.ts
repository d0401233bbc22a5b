import { Injectable } from '@nestjs/common';
import type { Answers, Asked, CallContext } from '#contracts/rpc';
import type { WebhooksRpc } from '#contracts/webhooks';
import { difference } from '#domain/difference';
import { type Doing, Mutations } from '../mutation/mutations.js';
import { Webhook } from '../store/webhook-entities.js';
import { assertProject, auditedWebhook, lockWebhook, webhookView } from '../store/webhooks.js';

type Request = Asked<typeof WebhooksRpc.updateWebhook>;
type Answer = Answers<typeof WebhooksRpc.updateWebhook>;

@Injectable()
export class UpdateWebhook {
  constructor(private readonly mutations: Mutations) {}

  async run(request: Request, context: CallContext): Promise<Answer> {
    const { answer } = await this.mutations.run<Answer>({
      name: 'updateWebhook',
      organizationId: request.organization_id,
      needs: 'webhook',
      context,
      request,
      work: (doing) => this.update(doing, request),
    });
    return answer;
  }

  private async update({ db, now, audit }: Doing, request: Request): Promise<Answer> {
    const before = await lockWebhook(db, request);
    const { url = before.url, description = before.description, events = before.events } = request;
    const { project_id: projectId = before.projectId, status = before.status } = request;
    await assertProject(db, request.organization_id, projectId);
    const wanted = { ...before, url, description, events, projectId, status };
    const change = difference(auditedWebhook(before), auditedWebhook(wanted));
    if (Object.keys(change.after).length === 0) return webhookView(before);
    const columns = {
      ...{ url, description, events, projectId, status },
      pausedBecause: status === 'active' ? null : (before.pausedBecause ?? ('asked' as const)),
      updatedAt: now,
      revision: String(BigInt(before.revision) + 1n),
    };
    await db.update(Webhook, { id: before.id, organizationId: before.organizationId }, columns);
    audit({ action: 'webhook.update', subject: before.id, ...change });
    return webhookView({ ...wanted, ...columns });
  }
}
