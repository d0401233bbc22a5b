import { z } from 'zod';
import { GATEWAY_PORT, LEASE, REDIS, SECRET } from '#runtime/settings';

export const GATEWAY_SETTINGS = {
  ...GATEWAY_PORT,
  ...REDIS,
  ...LEASE,
  ...SECRET,
  KEYWARD_SECRET_PREVIOUS: z
    .string()
    .min(32, 'must have at least 32 characters')
    .optional()
    .describe('The root secret from before: own provider keys that were sealed under it can still be used.'),
  KEYWARD_PROFILES_DIR: z
    .string()
    .default('profiles')
    .describe('Where the profiles are: key text, plans, currency, error format.'),
  KEYWARD_DASHBOARD_DIR: z.string().default('dist/dashboard').describe('Where the built dashboard is.'),
  KEYWARD_PUBLIC_URL: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('Where people reach the gateway from outside; with https, cookies are sent over https only.'),
  KEYWARD_TRUSTED_PROXIES: z
    .string()
    .optional()
    .describe(
      'Whose X-Forwarded-For is believed: addresses and networks of your load balancer, with commas between them. Where unset, everybody behind one has its address, for the audit log and the count of failed sign-ins.',
    ),
  KEYWARD_OIDC_ISSUER: z
    .url({ protocol: /^https?$/ })
    .refine(isHttpsOrThisMachine, 'must be an https URL')
    .optional()
    .describe('An OpenID Connect provider that people may sign in with, e.g. https://accounts.google.com.'),
  KEYWARD_OIDC_CLIENT_ID: z
    .string()
    .optional()
    .describe(
      'What the provider knows Keyward as. It must know the redirect URI <KEYWARD_PUBLIC_URL>/api/session/oidc/callback.',
    ),
  KEYWARD_OIDC_CLIENT_SECRET: z
    .string()
    .optional()
    .describe('The secret the provider gave, from a secret store; none for a public client.'),
  KEYWARD_SECRET_SCANNING_KEYS: z
    .string()
    .refine(isKeyPlace, 'must be an https URL, or the path of a file')
    .optional()
    .describe(
      'The public keys of a secret scanner, a URL or a file: https://api.github.com/meta/public_keys/secret_scanning for GitHub. Where unset, reports of leaked keys are not taken.',
    ),
  KEYWARD_SPOOL_DIR: z
    .string()
    .default('.keyward/spool')
    .describe('Where usage is written down until the ledger has it: a disk that outlives the process.'),
  KEYWARD_SPOOL_LIMIT: z.coerce
    .number()
    .int()
    .min(16 * 1024 * 1024)
    .default(768 * 1024 * 1024)
    .describe('The most that may wait there, in bytes. A gateway whose spool is full forwards nothing: 503.'),
  KEYWARD_BODY_LIMIT: z.coerce
    .number()
    .int()
    .min(1024)
    .default(32 * 1024 * 1024)
    .describe('The largest request body the edge takes, in bytes.'),
  KEYWARD_BODIES_LIMIT: z.coerce
    .number()
    .int()
    .min(1024)
    .default(256 * 1024 * 1024)
    .describe('How many bytes of request bodies one gateway holds at the same time; beyond, requests get a 503.'),
  KEYWARD_CLIENT_IDLE_MS: milliseconds(60_000).describe(
    'How long a client may send nothing of its request, or read nothing of its answer, before it is given up.',
  ),
  KEYWARD_UPSTREAM_CONNECT_MS: milliseconds(3000).describe('How long connecting to a provider may take.'),
  KEYWARD_UPSTREAM_FIRST_BYTE_MS: milliseconds(300_000).describe(
    'How long a provider may take until it begins to answer; without streaming that is until the answer is made.',
  ),
  KEYWARD_UPSTREAM_IDLE_MS: milliseconds(120_000).describe(
    'How long a provider may pause in the middle of an answer before it is broken off.',
  ),
};

function milliseconds(usual: number) {
  return z.coerce.number().int().min(100).max(3_600_000).default(usual);
}

/** Whoever can change the list on its way here could disable every key: plain http only within this machine. */
function isKeyPlace(text: string): boolean {
  if (!/^\w+:\/\//.test(text)) return true;
  return isHttpsOrThisMachine(text);
}

function isHttpsOrThisMachine(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  return protocol === 'https:' || (protocol === 'http:' && ['127.0.0.1', '[::1]', 'localhost'].includes(hostname));
}
