import { describe, expect, it } from '@jest/globals';
import { QueryRunnerAlreadyReleasedError } from 'typeorm';
import { isOutage } from './postgres.js';

describe('an outage of Postgres', () => {
  it.each([
    ['a refused connection', Object.assign(new Error('connect'), { code: 'ECONNREFUSED' })],
    ['a server that is being stopped', { driverError: { code: '57P01' } }],
    ['a connection that breaks between two statements of a transaction', new QueryRunnerAlreadyReleasedError()],
    [
      'the same, where the driver tells it',
      new Error('Database connection provided by a query runner was already released, cannot continue to use it.'),
    ],
  ])('is %s', (_, error) => {
    expect(isOutage(error)).toBe(true);
  });

  it('is not a statement that Postgres has refused', () => {
    expect(isOutage({ driverError: { code: '23505' }, message: 'duplicate key value' })).toBe(false);
  });
});
