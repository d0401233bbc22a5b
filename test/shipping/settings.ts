import { GATEWAY_SETTINGS } from '../../apps/gateway/src/settings.js';
import { KEYS_SETTINGS } from '../../apps/keys/src/settings.js';
import { POLICY_SETTINGS } from '../../apps/policy/src/settings.js';
import { USAGE_SETTINGS } from '../../apps/usage/src/settings.js';
import { readConfig } from '../../libs/runtime/src/config.js';
import { BASE } from '../../libs/runtime/src/settings.js';

export const APPS = ['gateway', 'keys', 'usage', 'policy'] as const;
export type App = (typeof APPS)[number];

const SHAPES = { gateway: GATEWAY_SETTINGS, keys: KEYS_SETTINGS, usage: USAGE_SETTINGS, policy: POLICY_SETTINGS };

/** For development only: nothing that ships may set it. */
const DEVELOPMENT = ['KEYWARD_ECHO_URL'];

/** Every variable a deployment may set: what the apps read, and so always all of it. */
export const KNOWN = new Set(
  Object.values(SHAPES)
    .flatMap((shape) => Object.keys({ ...BASE, ...shape }))
    .filter((name) => !DEVELOPMENT.includes(name)),
);

/** What the app itself makes of its environment; throws, with every mistake named, where it would not start with it. */
export function configOf(app: App, env: Record<string, string>): Record<string, unknown> {
  return readConfig({ ...BASE, ...SHAPES[app] }, env);
}
