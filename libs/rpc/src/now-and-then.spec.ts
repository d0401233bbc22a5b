import { expect, it } from '@jest/globals';
import { nowAndThen } from './now-and-then.js';

it('what fails four times a second is said whole once, and then every ten seconds with how often', () => {
  const said: object[] = [];
  let now = 0;
  const complain = nowAndThen(
    () => ({ warn: (facts) => void said.push(facts) }),
    'it is away',
    () => now,
  );
  const error = new Error('connect ECONNREFUSED');
  for (; now < 25_000; now += 250) complain(error);
  expect(said).toEqual([
    { err: error, times: 1 },
    { err: 'connect ECONNREFUSED', times: 40 },
    { err: 'connect ECONNREFUSED', times: 40 },
  ]);
});
