import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { z } from 'zod';
import { GatewayRpc } from '#contracts/gateway';
import { KeysEvents, KeysRpc } from '#contracts/keys';
import { LimitEvents } from '#contracts/limits';
import { PeopleRpc } from '#contracts/people';
import { PolicyEvents } from '#contracts/policy';
import { ProjectsRpc } from '#contracts/projects';
import { ProviderKeysEvents } from '#contracts/provider-keys';
import { RulesEvents } from '#contracts/rules';
import { SessionsRpc } from '#contracts/sessions';
import { WebhooksRpc } from '#contracts/webhooks';
import type { Limits } from '#counters/limits';
import { wireOf } from '#rpc/wire';
import { BASE } from '#runtime/settings';
import { VERSION } from '#runtime/version';
import type { KnownKeys } from '../apps/gateway/src/directories/known-keys.js';
import { describeApi } from '../apps/gateway/src/docs.js';
import { type BusOperations, GatewayModule } from '../apps/gateway/src/gateway.module.js';
import type { GatewayKit } from '../apps/gateway/src/kit.js';
import { GATEWAY_SETTINGS } from '../apps/gateway/src/settings.js';
import { KEYS_SETTINGS } from '../apps/keys/src/settings.js';
import { CONTRACT as POLICY } from '../apps/policy/src/contract.js';
import { POLICY_SETTINGS } from '../apps/policy/src/settings.js';
import { CONTRACT as USAGE } from '../apps/usage/src/contract.js';
import { USAGE_SETTINGS } from '../apps/usage/src/settings.js';

/** What others read of us, written from the definitions we run on: path → text. */
export async function generatedFiles(): Promise<Record<string, string>> {
  const files: Record<string, string> = { '.env.example': envExample(), 'docs/openapi.json': json(await openApi()) };
  const contracts = {
    keys: { rpc: { ...KeysRpc, ...SessionsRpc, ...PeopleRpc, ...ProjectsRpc, ...WebhooksRpc }, events: KeysEvents },
    policy: {
      rpc: POLICY,
      events: { ...PolicyEvents, ...ProviderKeysEvents, ...RulesEvents },
    },
    gateway: { rpc: GatewayRpc },
    usage: { rpc: USAGE, events: LimitEvents },
  };
  for (const [name, document] of Object.entries(wireOf(contracts, { version: VERSION }))) {
    files[`libs/contracts/src/wire/${name}`] = json(document);
  }
  return files;
}

/** Nest in preview looks at the routes and makes nothing: no server is needed to describe the API. */
async function openApi(): Promise<unknown> {
  const kit = { config: { KEYWARD_SECRET: 'x'.repeat(32) } } as unknown as GatewayKit;
  const module = GatewayModule.with(kit, {} as KnownKeys, {} as Limits, {} as BusOperations);
  const options = { preview: true, logger: false } as const;
  const nest = await NestFactory.create<NestFastifyApplication>(module, new FastifyAdapter(), options);
  return describeApi(nest);
}

const APPS = { gateway: GATEWAY_SETTINGS, keys: KEYS_SETTINGS, usage: USAGE_SETTINGS, policy: POLICY_SETTINGS };

function envExample(): string {
  const readers = new Map<string, { schema: z.ZodType; apps: string[] }>();
  for (const [app, settings] of Object.entries(APPS)) {
    for (const [name, schema] of Object.entries<z.ZodType>({ ...BASE, ...settings })) {
      const known = readers.get(name);
      if (known) known.apps.push(app);
      else readers.set(name, { schema, apps: [app] });
    }
  }
  const blocks = [...readers].map(([name, { schema, apps }]) => {
    const whose = apps.length === Object.keys(APPS).length ? 'every app' : apps.join(', ');
    return `# ${schema.description} (${whose})\n${assignment(name, schema)}`;
  });
  return `# Every setting there is. Written by \`npm run generate\`; \`npm start\` needs none of them.\n\n${blocks.join('\n\n')}\n`;
}

/** What must be given stands empty; what has a default, or may be left out, is commented out. */
function assignment(name: string, schema: z.ZodType): string {
  const standard = schema.safeParse(undefined);
  if (!standard.success) return `${name}=`;
  return `# ${name}=${standard.data ?? ''}`;
}

function json(document: unknown): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}
