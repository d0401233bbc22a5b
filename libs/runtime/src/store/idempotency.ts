import { hash } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import { Refused } from '#contracts/refusals';

/**
 * Claims an Idempotency-Key in the transaction of its request. A second request with the same key waits for the first
 * one's commit and then gets its answer; one that asks for something else is refused.
 */
export async function claim(
  db: EntityManager,
  actor: string,
  key: string,
  asked: unknown,
  at: Date,
): Promise<{ answer: unknown } | null> {
  const digest = digestOf(asked);
  const claimed: unknown[] = await db.query(
    'INSERT INTO idempotency (actor, key, request_digest, at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING RETURNING key',
    [actor, key, digest, at],
  );
  if (claimed.length) return null;
  const answered = await answerTo(db, actor, key, asked);
  if (answered) return answered;
  throw new Refused('service_unavailable', { message: 'The request this repeats has just failed. Try again.' });
}

/** What a request with this key was answered; null where there was none, or it is still under way. */
export async function answerTo(
  db: Pick<EntityManager, 'query'>,
  actor: string,
  key: string,
  asked: unknown,
): Promise<{ answer: unknown } | null> {
  const [held]: { request_digest: string; answer: unknown }[] = await db.query(
    'SELECT request_digest, answer FROM idempotency WHERE actor = $1 AND key = $2',
    [actor, key],
  );
  if (!held) return null;
  if (held.request_digest !== digestOf(asked)) throw new Refused('idempotency_mismatch');
  return { answer: held.answer };
}

export async function keepAnswer(db: EntityManager, actor: string, key: string, answer: unknown): Promise<void> {
  await db.query('UPDATE idempotency SET answer = $3 WHERE actor = $1 AND key = $2', [
    actor,
    key,
    JSON.stringify(answer),
  ]);
}

function digestOf(asked: unknown): string {
  return hash('sha256', JSON.stringify(asked), 'base64url');
}
