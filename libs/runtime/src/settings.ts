import { z } from 'zod';

/**
 * Settings are environment variables, under their own names everywhere, so that one search finds who reads one.
 * Every app picks what it needs from here; `.env.example` is generated from the same lines.
 */
const port = z.coerce.number().int().min(0).max(65_535);

const url = (protocols: RegExp, hint: string) =>
  z
    .string()
    .refine((text) => URL.canParse(text) && protocols.test(new URL(text).protocol), `must be a URL like ${hint}`);

export const BASE = {
  KEYWARD_NATS_URL: z
    .string()
    .refine((text) => text.split(',').every(isNatsUrl), 'must be a URL like nats://user:password@host:4222')
    .describe('The bus, with this service’s own user; several servers of one cluster with commas between them.'),
  KEYWARD_HOST: z.string().default('127.0.0.1').describe('The address to listen on; 0.0.0.0 in containers.'),
  KEYWARD_OPS_PORT: port
    .optional()
    .describe(
      'The port of /livez, /readyz, /startupz and /metrics; 0 takes any free one. The gateway serves them on its main port where unset.',
    ),
  KEYWARD_LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace'])
    .default('info')
    .describe('How much to log.'),
};

export const POSTGRES = {
  KEYWARD_POSTGRES_URL: url(/^postgres(ql)?:/, 'postgres://user:password@host:5432/keyward').describe(
    'The database; each service has a schema of its own in it.',
  ),
};

export const REDIS = {
  KEYWARD_REDIS_URL: z
    .string()
    .refine((text) => text.split(',').every(isRedisUrl), 'must be a URL like redis://host:6379')
    .describe('Redis, with maxmemory-policy noeviction; several nodes of one Redis Cluster with commas between them.'),
};

export const LEASE = {
  KEYWARD_LEASE_SECONDS: z.coerce
    .number()
    .int()
    .min(15)
    .max(600)
    .default(60)
    .describe(
      'How long a till may spend without asking the bank again; holds and how long lost money is out of reach follow from it. The same for gateway, keys and usage; shorter means more questions.',
    ),
};

export const SECRET = {
  KEYWARD_SECRET: z
    .string()
    .min(32, 'must have at least 32 characters')
    .describe(
      'The root of everything keyed (checksums in keys, session cookies, own provider keys): the same for gateway, keys and policy, from a secret store.',
    ),
};

export const GATEWAY_PORT = {
  KEYWARD_PORT: port.default(8080).describe('The port of the edge, the admin API and the dashboard.'),
};

function isRedisUrl(text: string): boolean {
  return URL.canParse(text.trim()) && /^rediss?:$/.test(new URL(text.trim()).protocol);
}

function isNatsUrl(text: string): boolean {
  return URL.canParse(text) && /^(nats|tls):$/.test(new URL(text).protocol);
}
