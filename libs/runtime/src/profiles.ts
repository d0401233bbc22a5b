import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { decimalOf, parseMoney } from '#domain/money';
import { ConfigError } from './config.js';

/** What a project gets; null: as much as it likes. A maximum binds what a key or a project asks for itself. */
const plan = z.strictObject({
  keysPerProject: z.int().min(0).nullable().default(null),
  rateLimit: z.int().min(1).nullable().default(null),
  maxRateLimit: z.int().min(1).nullable().default(null),
  tokenLimit: z.int().min(1).nullable().default(null),
  maxTokenLimit: z.int().min(1).nullable().default(null),
});

/** What differs between the systems Keyward stands in for; every project names one. */
const profile = z.strictObject({
  key: z.strictObject({
    prefix: z.string().regex(/^[a-z][a-z0-9_-]{1,15}$/, 'must be 2 to 16 small letters, digits, - or _'),
    alphabet: z.enum(['base62', 'hex']),
    length: z.int().min(32, 'must be at least 32, or secrets could be guessed').max(128),
  }),
  errors: z.enum(['openai', 'envelope', 'flat']),
  status: z.strictObject({
    spendLimit: z.literal([402, 403]),
    keyInactive: z.literal([401, 403]),
  }),
  currency: z.string().regex(/^[A-Z]{3}$/, 'must be an ISO 4217 code'),
  /** What one US dollar costs in the currency: provider prices are in dollars. */
  usdRate: z
    .union([z.string(), z.number()])
    // As it is written, 83.1 is exact; as a double it is not.
    .transform((rate) => (typeof rate === 'number' ? (decimalOf(rate) ?? '') : rate))
    .refine((rate) => (parseMoney(rate) ?? 0n) > 0n, 'must be above zero, with at most nine decimals')
    .default('1'),
  plans: z
    .record(z.string().regex(/^[a-z][a-z0-9_-]{0,63}$/), plan)
    .refine((plans) => Object.keys(plans).length > 0, 'must have one plan at least'),
});

export type Plan = z.output<typeof plan>;
export type Profile = z.output<typeof profile> & { readonly name: string };

/** Reads `<dir>/*.yaml`, and refuses to start with a profile that is wrong: a typo in one must not mint wrong keys. */
export function readProfiles(dir: string): ReadonlyMap<string, Profile> {
  const problems: string[] = [];
  const profiles = new Map<string, Profile>();
  for (const file of readdirSync(dir)
    .filter((file) => file.endsWith('.yaml'))
    .sort()) {
    const result = profile.safeParse(parse(readFileSync(join(dir, file), 'utf8')));
    const name = basename(file, '.yaml');
    if (result.success) profiles.set(name, { name, ...result.data });
    else
      problems.push(
        ...result.error.issues.map((issue) => `  ${file}: ${issue.path.join('.') || 'it'} ${issue.message}`),
      );
  }
  if (!profiles.has('keyward')) problems.push(`  ${dir} has no keyward.yaml, the default profile`);
  if (problems.length) throw new ConfigError(`These profiles are wrong:\n${problems.join('\n')}`);
  return profiles;
}
