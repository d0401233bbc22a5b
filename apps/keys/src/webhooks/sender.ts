import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { nowAndThen } from '#rpc/now-and-then';
import { Clock } from '#runtime/clock';
import { scrub } from '#runtime/log';
import { type KeysKit, KIT } from '../kit.js';
import { type Answer, post } from './post.js';
import { waitAfter } from './schedule.js';
import { type SignedBy, WebhookSecrets } from './webhook-secrets.js';

const LOOK_MILLISECONDS = 250;
const AT_ONCE = 32;
/** One receiver that is slow has no more than this of them. */
const AT_ONCE_PER_WEBHOOK = 4;
/** A replica that dies with a delivery in hand: another one tries it after so long. */
const CLAIM_SECONDS = 60;

interface Due {
  readonly id: string;
  readonly webhook_id: string;
  readonly tries: number;
  readonly payload: unknown;
  readonly url: string;
  readonly secret: Buffer;
  readonly previous_secret: Buffer | null;
  readonly previous_until: Date | null;
}

/** Sends what is due, signed, until it is taken or a day has gone by. Replicas share the work by skipping each other's rows. */
@Injectable()
export class WebhookSender implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly busy = new Map<string, number>();
  private readonly underWay = new Set<Promise<void>>();
  private timer?: NodeJS.Timeout;
  private looking?: Promise<void>;
  private readonly complain = nowAndThen(() => this.kit.log, 'webhooks could not be looked at; trying again');

  constructor(
    private readonly db: DataSource,
    private readonly clock: Clock,
    private readonly secrets: WebhookSecrets,
    @Inject(KIT) private readonly kit: Pick<KeysKit, 'config' | 'log'>,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => {
      this.looking ??= this.look()
        .catch(this.complain)
        .finally(() => {
          this.looking = undefined;
        });
    }, LOOK_MILLISECONDS);
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.looking;
    await Promise.all(this.underWay);
  }

  private async look(): Promise<void> {
    const room = AT_ONCE - this.underWay.size;
    if (room <= 0) return;
    const full = [...this.busy].filter(([, count]) => count >= AT_ONCE_PER_WEBHOOK).map(([id]) => id);
    for (const due of await this.claim(room, full)) {
      const sending = this.send(due)
        .catch((error) => this.kit.log.warn({ err: error }, 'how a webhook was answered could not be written'))
        .finally(() => {
          this.underWay.delete(sending);
          this.count(due.webhook_id, -1);
        });
      this.count(due.webhook_id, 1);
      this.underWay.add(sending);
    }
  }

  private async claim(most: number, full: readonly string[]): Promise<Due[]> {
    const now = this.clock.date();
    const [rows] = (await this.db.query(
      `WITH due AS (
         SELECT d.id FROM webhook_delivery d JOIN webhook w ON w.id = d.webhook_id
          WHERE d.next_try_at <= $1 AND w.status = 'active' AND w.deleted_at IS NULL AND d.webhook_id <> ALL($2)
          ORDER BY d.next_try_at LIMIT $3 FOR UPDATE OF d SKIP LOCKED)
       UPDATE webhook_delivery d
          SET next_try_at = $1::timestamptz + make_interval(secs => $4), tries = tries + 1, last_tried_at = $1
         FROM due, webhook w WHERE d.id = due.id AND w.id = d.webhook_id
       RETURNING d.id, d.webhook_id, d.tries, d.payload, w.url, w.secret, w.previous_secret, w.previous_until`,
      [now, full, most, CLAIM_SECONDS],
    )) as [Due[], number];
    return rows;
  }

  private async send(due: Due): Promise<void> {
    const body = JSON.stringify(due.payload);
    const timestamp = Math.floor(this.clock.now() / 1000);
    try {
      const answer = await post({
        url: due.url,
        body,
        anywhere: this.kit.config.KEYWARD_WEBHOOKS_PRIVATE,
        headers: {
          'content-type': 'application/json',
          'user-agent': 'Keyward-Webhooks',
          'webhook-id': due.id,
          'webhook-timestamp': String(timestamp),
          'webhook-signature': this.secrets.sign(signedBy(due), { id: due.id, timestamp, body }),
        },
      });
      await this.write(due, answer, null);
    } catch (error) {
      await this.write(due, null, error instanceof Error ? error.message : String(error));
    }
  }

  private async write(due: Due, answer: Answer | null, error: string | null): Promise<void> {
    const taken = answer !== null && answer.status >= 200 && answer.status < 300;
    const gone = answer?.status === 410;
    const wait = taken || gone ? null : waitAfter(due.tries, Math.random());
    const status = taken ? 'delivered' : wait === null ? 'failed' : 'waiting';
    const next = wait === null ? null : new Date(this.clock.now() + wait);
    // Only this very try: one that was claimed again meanwhile, or asked for anew, has a story of its own.
    await this.db.query(
      `UPDATE webhook_delivery SET status = $3, next_try_at = $4, response_status = $5, response = $6, error = $7
        WHERE id = $1 AND tries = $2`,
      [due.id, due.tries, status, next, answer?.status ?? null, answer && scrub(answer.text), error && scrub(error)],
    );
    if (gone) await this.pause(due.webhook_id, 'gone');
    else if (status === 'failed') await this.pause(due.webhook_id, 'failing');
  }

  private async pause(id: string, because: 'gone' | 'failing'): Promise<void> {
    await this.db.query(
      `UPDATE webhook SET status = 'paused', paused_because = $2, updated_at = $3, revision = revision + 1
        WHERE id = $1 AND status = 'active'`,
      [id, because, this.clock.date()],
    );
  }

  private count(webhook: string, by: number): void {
    const now = (this.busy.get(webhook) ?? 0) + by;
    if (now === 0) this.busy.delete(webhook);
    else this.busy.set(webhook, now);
  }
}

function signedBy({ webhook_id: id, secret, previous_secret, previous_until }: Due): SignedBy {
  return { id, secret, previousSecret: previous_secret, previousUntil: previous_until };
}
