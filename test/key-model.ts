import { expect } from '@jest/globals';
import type { Key } from '#contracts/keys';

export interface Secret {
  readonly text: string;
  validUntil: number | null;
}

type Step = { readonly do: string; readonly [field: string]: unknown };

const MINUTE = 60_000;

/** A key as plain facts in memory: what the house must agree with, whatever was done to it. */
export class AKey {
  readonly secrets: Secret[];
  revision = 1;
  private deleted = false;
  private disabled = false;
  private expiresAt: number | null = null;
  private budget: string | null = null;
  private amount: string | null = null;
  private recurringSince: string | null = null;
  private epoch = 0;

  constructor(
    readonly id: string,
    private name: string,
    secret: string,
    readonly createdAt: number,
  ) {
    this.secrets = [{ text: secret, validUntil: null }];
  }

  /** The code it must be refused with; null: it must be done. */
  refuses(step: Step, now: number): string | null {
    if (this.deleted) return 'not_found';
    if (step.do === 'update_stale') return 'precondition_failed';
    if (step.do === 'enable' && this.hasExpired(now)) return 'new_expiry_needed';
    return null;
  }

  /** What was done; only moments and the new secret are taken from the answer. */
  apply(step: Step, answer: Record<string, unknown>): void {
    const at = Date.parse(String(answer.updated_at ?? 0));
    const before = this.facts();
    this.change(step, answer, at);
    // A new secret, or the end of an old one, is a change like any other.
    if (this.facts() !== before) this.revision++;
  }

  /** `not_found`, or what must be seen of it. */
  view(now: number): string | Partial<Key> {
    if (this.deleted) return 'not_found';
    const old = this.secrets.find((secret) => secret.validUntil !== null && secret.validUntil > now);
    return {
      name: this.name,
      status: this.disabled ? 'disabled' : this.hasExpired(now) ? 'expired' : 'active',
      revision: this.revision,
      budget: this.budget,
      recurring_limit: this.amount === null ? null : { amount: this.amount, every: 1, unit: 'day' },
      recurring_since: this.recurringSince,
      spend_epoch: this.epoch,
      expires_at: this.expiresAt === null ? null : new Date(this.expiresAt).toISOString(),
      preview: previewOf(this.secrets.at(-1)?.text ?? ''),
      previous: old
        ? expect.objectContaining({
            preview: previewOf(old.text),
            valid_until: new Date(old.validUntil ?? 0).toISOString(),
          })
        : null,
    } as Partial<Key>;
  }

  verdict({ validUntil }: Secret, now: number): string {
    if (this.deleted || (validUntil !== null && validUntil <= now)) return 'invalid_api_key';
    if (this.disabled) return 'key_disabled';
    return this.hasExpired(now) ? 'key_expired' : 'valid';
  }

  private change(step: Step, answer: Record<string, unknown>, at: number): void {
    switch (step.do) {
      case 'rename':
        this.name = `${step.name} ${this.id}`;
        return;
      case 'limit':
        this.budget = step.budget as string | null;
        return;
      case 'recur':
        this.amount = step.amount as string | null;
        // Named, it begins a new window, even where it is what it was.
        this.recurringSince = this.amount === null ? null : (answer.updated_at as string);
        return;
      case 'expire_in':
        this.expiresAt = Date.parse(String(answer.expires_at));
        return;
      case 'never_expire':
        this.expiresAt = null;
        return;
      case 'enable_for':
        this.disabled = false;
        this.expiresAt = at + (step.minutes as number) * MINUTE;
        return;
      case 'enable':
      case 'disable':
        this.disabled = step.do === 'disable';
        return;
      case 'rotate':
        this.rotate(step.graceMinutes as number, String(answer.key), at);
        return;
      case 'finish':
        this.endGrace(at);
        return;
      case 'reset':
        this.epoch++;
        return;
      case 'delete':
        this.deleted = true;
    }
  }

  /** Two secrets at the most, and none of the old ones outlives the key. */
  private rotate(graceMinutes: number, secret: string, at: number): void {
    this.endGrace(at);
    const end = at + graceMinutes * MINUTE;
    const current = this.secrets.at(-1);
    if (current) current.validUntil = this.expiresAt === null ? end : Math.min(end, Math.max(this.expiresAt, at));
    this.secrets.push({ text: secret, validUntil: null });
  }

  private endGrace(at: number): void {
    for (const secret of this.secrets) if (secret.validUntil !== null && secret.validUntil > at) secret.validUntil = at;
  }

  private hasExpired(now: number): boolean {
    return this.expiresAt !== null && this.expiresAt <= now;
  }

  private facts(): string {
    const { name, disabled, deleted, expiresAt, budget, amount, recurringSince, epoch, secrets } = this;
    return JSON.stringify([name, disabled, deleted, expiresAt, budget, amount, recurringSince, epoch, secrets]);
  }
}

/** Prefix, four letters, …, the last four. */
function previewOf(secret: string): string {
  return `${secret.slice(0, secret.indexOf('_') + 5)}…${secret.slice(-4)}`;
}
