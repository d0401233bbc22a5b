import type { NewRule } from '#contracts/rules';

/** Where nobody says from where a call comes, rules about that say nothing. */
export function isAboutAddresses({ type }: Pick<NewRule, 'type'>): boolean {
  return type === 'allow_ips' || type === 'deny_ips';
}
