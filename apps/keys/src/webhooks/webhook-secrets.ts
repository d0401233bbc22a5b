import { createHmac, randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { deriveKey } from '#runtime/keying';
import { seal, unseal } from '#runtime/sealed';
import { type KeysKit, KIT } from '../kit.js';
import type { Webhook } from '../store/webhook-entities.js';

const PREFIX = 'whsec_';
const BYTES = 32;

/** The secrets webhooks are signed with: they have to be read at every delivery, so they are encrypted and not hashed. */
@Injectable()
export class WebhookSecrets {
  private readonly key: Uint8Array;

  constructor(@Inject(KIT) { config }: Pick<KeysKit, 'config'>) {
    this.key = deriveKey(config.KEYWARD_SECRET, 'webhook secrets');
  }

  mint(webhookId: string): { text: string; sealed: Buffer } {
    const text = PREFIX + randomBytes(BYTES).toString('base64');
    return { text, sealed: seal(this.key, text, webhookId) };
  }

  /** As Standard Webhooks has it: one signature for each secret that is good, with spaces between them. */
  sign(webhook: SignedBy, message: { id: string; timestamp: number; body: string }): string {
    const { id, timestamp, body } = message;
    const secrets = [webhook.secret, ...(isGood(webhook, timestamp) ? [webhook.previousSecret] : [])];
    return secrets
      .filter((sealed) => sealed !== null)
      .map((sealed) => {
        const secret = Buffer.from(unseal(this.key, sealed, webhook.id).slice(PREFIX.length), 'base64');
        return `v1,${createHmac('sha256', secret).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
      })
      .join(' ');
  }
}

export type SignedBy = Pick<Webhook, 'id' | 'secret' | 'previousSecret' | 'previousUntil'>;

function isGood({ previousUntil }: SignedBy, timestamp: number): boolean {
  return previousUntil !== null && previousUntil.getTime() / 1000 > timestamp;
}
