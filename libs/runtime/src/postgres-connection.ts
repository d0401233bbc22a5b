import { Client } from 'pg';

/**
 * A connection that ends with the first statement that got no answer in time. The driver would go on with it, and forget
 * what waits behind that statement: a ROLLBACK that was never sent, and half a transaction that the next user commits.
 */
export class PostgresConnection extends Client {
  constructor(...given: ConstructorParameters<typeof Client>) {
    super(...given);
    // On its way from the pool to whoever asked for one, nobody listens for a moment: an error then would end the process.
    this.on('error', () => {});
    const query = this.query.bind(this) as (...asked: unknown[]) => unknown;
    this.query = ((...asked: unknown[]) => {
      const answer = query(...asked);
      if (answer instanceof Promise) answer.catch((error: Error) => this.endIfSilent(error));
      return answer;
    }) as typeof this.query;
  }

  private endIfSilent(error: Error): void {
    if (error.message === 'Query read timeout') this.end().catch(() => {});
  }
}
