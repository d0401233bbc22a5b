import { Injectable } from '@nestjs/common';
import type { Answers, Asked, CallContext } from '#contracts/rpc';
import type { WebhooksRpc } from '#contracts/webhooks';
import { type Doing, Mutations } from '../mutation/mutations.js';
import { Webhook } from '../store/webhook-entities.js';
import { lockWebhook, webhookView } from '../store/webhooks.js';
import { WebhookSecrets } from '../webhooks/webhook-secrets.js';

type Request = Asked<typeof WebhooksRpc.rotateWebhookSecret>;
type Answer = Answers<typeof WebhooksRpc.rotateWebhookSecret>;

const GRACE_MILLISECONDS = 86_400_000;

@Injectable()
export class RotateWebhookSecret {
  constructor(
    private readonly mutations: Mutations,
    private readonly secrets: WebhookSecrets,
  ) {}

  async run(request: Request, context: CallContext): Promise<Answer> {
    const { answer } = await this.mutations.run<Answer>({
      name: 'rotateWebhookSecret',
      organizationId: request.organization_id,
      needs: 'webhook',
      context,
      request,
      work: (doing) => this.rotate(doing, request),
      keep: ({ secret: _, ...answer }) => answer,
    });
    return answer;
  }

  private async rotate({ db, now, audit }: Doing, request: Request): Promise<Answer> {
    const before = await lockWebhook(db, request);
    const { text, sealed } = this.secrets.mint(before.id);
    const columns = {
      secret: sealed,
      previousSecret: before.secret,
      previousUntil: new Date(now.getTime() + GRACE_MILLISECONDS),
      updatedAt: now,
      revision: String(BigInt(before.revision) + 1n),
    };
    await db.update(Webhook, { id: before.id, organizationId: before.organizationId }, columns);
    audit({ action: 'webhook.rotate_secret', subject: before.id, before: null, after: null });
    return { ...webhookView({ ...before, ...columns }), secret: text };
  }
}
