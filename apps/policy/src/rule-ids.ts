import { randomBytes } from 'node:crypto';
import { Refused } from '#contracts/refusals';
import { newId } from '#domain/id';

export function newRuleId(now: Date): string {
  return newId('rule', now.getTime(), randomBytes(10));
}

export function noRule(param: string): Refused {
  return new Refused('not_found', { message: 'There is no such rule here.', param });
}
