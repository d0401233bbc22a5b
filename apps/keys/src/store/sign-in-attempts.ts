import type { DataSource, EntityManager } from 'typeorm';
import { Refused } from '#contracts/refusals';
import { ATTEMPTS, retryAfterSeconds } from '#domain/people/attempts';

/** One e-mail and one address have a lock each, so that attempts at the same moment are counted one after the other. */
const LOCKS = { email: 1, ip: 2 } as const;

interface Attempt {
  readonly email: string;
  readonly ip: string | undefined;
}

/** Counts an attempt as failed before the password is looked at, or refuses it. */
export async function beginAttempt(db: DataSource, { email, ip }: Attempt, now: Date): Promise<void> {
  await db.transaction(async (tx) => {
    const waits = [await waitOf(tx, 'email', email.toLowerCase(), now)];
    if (ip !== undefined) waits.push(await waitOf(tx, 'ip', ip, now));
    const wait = Math.max(...waits);
    // Refused attempts are not counted: whoever waits gets in, however many others are knocking.
    if (wait > 0) {
      throw new Refused('too_many_attempts', {
        message: `Too many attempts. Wait ${wait} seconds.`,
        details: { retry_after_seconds: wait },
      });
    }
    const failure = [email.toLowerCase(), ip ?? null, now];
    await tx.query('INSERT INTO sign_in_failure (email, ip, at) VALUES ($1, $2, $3)', failure);
  });
}

/** The password was right: this attempt did not fail, and what was mistyped before was the member. Old ones go as well. */
export async function forgiveAttempts(db: EntityManager, email: string, now: Date): Promise<void> {
  const longest = Math.max(ATTEMPTS.email.milliseconds, ATTEMPTS.ip.milliseconds);
  const old = new Date(now.getTime() - longest);
  await db.query('DELETE FROM sign_in_failure WHERE email = $1 OR at < $2', [email.toLowerCase(), old]);
}

async function waitOf(db: EntityManager, by: 'email' | 'ip', value: string, now: Date): Promise<number> {
  const allowance = ATTEMPTS[by];
  await db.query('SELECT pg_advisory_xact_lock($1, hashtext($2))', [LOCKS[by], value]);
  const [nth]: { at: Date }[] = await db.query(
    `SELECT at FROM sign_in_failure WHERE ${by} = $1 ORDER BY at DESC OFFSET ${allowance.failures - 1} LIMIT 1`,
    [value],
  );
  return retryAfterSeconds(allowance, nth?.at.getTime() ?? null, now.getTime());
}
