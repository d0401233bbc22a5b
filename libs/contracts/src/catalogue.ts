import { z } from 'zod';
import { isProviderOrigin } from '#domain/routing/origin';
import { amount, id, moment, revision, text } from './fields.js';
import { DIALECTS } from './policy.js';
import { rpc } from './rpc.js';

/** The catalogue as people read and change it: what the gateways get is `policy.ts`. */

export const providerId = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, 'must be small letters, digits, ., _ or -')
  .meta({ examples: ['openai'] });
export const modelId = z
  .string()
  .max(200)
  .regex(/^[^\s\p{Cc}\p{Cs}]+$/u, 'must be a name without spaces')
  .meta({ examples: ['gpt-4o-mini'] });

const perMillion = amount.refine((given) => !given.startsWith('-'), 'must not be below zero');
const rates = { input: perMillion, cached_input: perMillion, cache_write: perMillion, output: perMillion };

/** In units of the catalogue’s currency for a million tokens. */
const price = z
  .object({
    ...rates,
    tiers: z
      .array(z.object({ above: z.int().min(0), ...rates }))
      .describe('For a request with more than `above` tokens of input: the rates of the whole of it.'),
  })
  .meta({ id: 'ModelPrice' });

const route = z
  .object({
    provider: z.string(),
    upstream_model: z.string(),
    snapshots: z.array(z.string()),
    priority: z.int(),
    weight: z.int(),
    price: price.nullable().describe('At this moment; null: nobody knows, which is not free.'),
    prices: z
      .array(z.object({ from: moment.nullable(), price: price.nullable() }))
      .describe('Past, present and future, oldest first.'),
  })
  .meta({ id: 'ModelRoute' });

export const model = z
  .object({
    id: z.string(),
    alias: z.string().nullable().describe('What it stands for, where it is only another name.'),
    aliases: z.array(z.string()),
    context: z.int().nullable(),
    max_output: z.int().nullable(),
    free: z.boolean(),
    unpriced: z.boolean().describe('Some way to it has no price at this moment.'),
    currency: z.string(),
    routes: z.array(route),
    managed: z.boolean().describe('Something was said of it here; false: it is as the file says.'),
    revision,
  })
  .meta({ id: 'CatalogueModel' });

export const provider = z
  .object({
    id: z.string(),
    dialect: z.enum(DIALECTS),
    origin: z.string(),
    credential_env: z.string().nullable(),
    credential_file: z.string().nullable(),
    prices: z.string().nullable().describe('Whose known prices it has.'),
    models: z.array(z.string()).describe('Which of the known models it takes.'),
    serves: z.int().describe('How many models have a way over it.'),
    managed: z.boolean().describe('Something was said of it here; false: it is as the file says.'),
    revision,
  })
  .meta({ id: 'CatalogueProvider' });

/** How a door writes money and moments: over HTTP people may be freer than services on the bus. */
interface Writing<Id extends string> {
  readonly money: z.ZodType<string, string | number>;
  readonly when: z.ZodType<string, string>;
  readonly ids: { readonly price: Id; readonly route: Id };
}

/** What can be said of a model; what is not said stays, and null is as the file says. */
export function modelFields<Id extends string>({ money, when, ids }: Writing<Id>) {
  const perMillion = money.refine((given) => !given.startsWith('-'), 'must not be below zero');
  const rates = {
    input: perMillion,
    cached_input: perMillion.optional().describe('Like `input` where left out.'),
    cache_write: perMillion.optional().describe('Like `input` where left out.'),
    output: perMillion,
  };
  const above = z.int().min(0).max(999_999_999);
  const price = z
    .strictObject({
      ...rates,
      tiers: z
        .array(z.strictObject({ above, ...rates }))
        .max(20)
        .default([]),
    })
    .meta({ id: ids.price });
  const route = z
    .strictObject({
      provider: providerId,
      upstream_model: modelId.optional().describe('As the provider calls it; like the model where left out.'),
      priority: z.int().min(0).max(1000).default(0).describe('Lower ones are tried first.'),
      weight: z.int().min(0).max(1_000_000).default(1).describe('Among equal priorities: how often it comes first.'),
      price: price
        .nullable()
        .optional()
        .describe('A new price; null: from then on nobody knows one. Left out: as before, or as is known.'),
      free: z.literal(true).optional().describe('A price of nothing.'),
      from: when.optional().describe('From when the new price holds; now where left out. Never in the past.'),
    })
    .meta({ id: ids.route });
  return {
    alias: modelId.optional().describe('Another name for this model; nothing else can be said of it then.'),
    context: z.int().min(1).max(999_999_999).nullable().optional(),
    max_output: z.int().min(1).max(999_999_999).nullable().optional(),
    snapshots: z.array(modelId).max(50).optional().describe('Dated names of this very model.'),
    routes: z.array(route).min(1).max(20).nullable().optional().describe('All of them: one that is not named is gone.'),
  };
}

const saidOfModel = modelFields({ money: amount, when: moment, ids: { price: 'PriceSaid', route: 'RouteSaid' } });

/** What can be said of a provider; what is not said stays. */
export const providerFields = {
  dialect: z.enum(DIALECTS).optional(),
  origin: z
    .string()
    .max(300)
    .refine(isProviderOrigin, 'must be an http or https URL without user, query or fragment')
    .meta({ examples: ['https://api.openai.com'] })
    .optional()
    .describe('The credential is sent here and nowhere else; redirects are not followed.'),
  credential_env: z
    .string()
    .regex(
      /^(?!KEYWARD_)[A-Z][A-Z0-9_]{0,90}_API_KEY$/,
      'must be a variable like OPENAI_API_KEY, and none of Keyward’s own',
    )
    .nullable()
    .optional()
    .describe('The variable, in the gateway’s environment, that holds the credential.'),
  credential_file: z
    .string()
    .regex(/^(\/run\/secrets\/providers\/)?[\w-][\w.-]{0,99}$/, 'must be the name of a file')
    .nullable()
    .optional()
    .describe('Or a file that holds it, by its name in the gateway’s /run/secrets/providers.'),
  prices: providerId.nullable().optional().describe('Whose known prices it has: `openai`, for example.'),
  models: z.array(modelId).max(200).optional().describe('Which of the known models to take; * for any letters.'),
};

const tenant = { organization_id: id('organization').describe('Of whoever asks: its audit log tells of the change.') };
const expected = {
  expected_revision: revision.optional().describe('Refused where it is not at this revision any more.'),
};
const page = { limit: z.int().min(1).max(100).default(50), cursor: z.string().max(400).optional() };

export const CatalogueRpc = {
  listModels: rpc({
    subject: 'keyward.policy.list_models',
    summary: 'The models there are, with their prices, by name.',
    request: z.strictObject({
      q: text(200).optional().describe('A part of the name, or of an alias.'),
      provider: providerId.optional(),
      free: z.boolean().optional(),
      unpriced: z.boolean().optional(),
      ...page,
    }),
    reply: z.object({ models: z.array(model), next_cursor: z.string().nullable() }),
  }),
  getModel: rpc({
    subject: 'keyward.policy.get_model',
    summary: 'One model, by its name or an alias, with every price it had and will have.',
    request: z.strictObject({ model_id: modelId }),
    reply: model,
  }),
  createModel: rpc({
    subject: 'keyward.policy.create_model',
    summary: 'A new model, or another name for one. For operators.',
    request: z.strictObject({ ...tenant, id: modelId, ...saidOfModel }),
    reply: model,
  }),
  updateModel: rpc({
    subject: 'keyward.policy.update_model',
    summary: 'Change a model. A new price holds from now on or from later; what was before stays. For operators.',
    request: z.strictObject({ ...tenant, model_id: modelId, ...expected, ...saidOfModel }),
    reply: model,
  }),
  deleteModel: rpc({
    subject: 'keyward.policy.delete_model',
    summary: 'Take a model out of the catalogue; the history of its prices stays. For operators.',
    request: z.strictObject({ ...tenant, model_id: modelId, ...expected }),
    reply: z.object({}),
  }),
  listProviders: rpc({
    subject: 'keyward.policy.list_providers',
    summary: 'Who serves models.',
    request: z.strictObject({}),
    reply: z.object({ providers: z.array(provider) }),
  }),
  getProvider: rpc({
    subject: 'keyward.policy.get_provider',
    summary: 'One provider.',
    request: z.strictObject({ provider_id: providerId }),
    reply: provider,
  }),
  createProvider: rpc({
    subject: 'keyward.policy.create_provider',
    summary: 'A new provider. For operators.',
    request: z
      .strictObject({ ...tenant, id: providerId, ...providerFields })
      .required({ origin: true })
      .refine((it) => !(it.credential_env && it.credential_file), 'has both credential_env and credential_file'),
    reply: provider,
  }),
  updateProvider: rpc({
    subject: 'keyward.policy.update_provider',
    summary: 'Change a provider; what is not said stays. For operators.',
    request: z.strictObject({ ...tenant, provider_id: providerId, ...expected, ...providerFields }),
    reply: provider,
  }),
  deleteProvider: rpc({
    subject: 'keyward.policy.delete_provider',
    summary: 'Take out a provider that no model needs any more. For operators.',
    request: z.strictObject({ ...tenant, provider_id: providerId, ...expected }),
    reply: z.object({}),
  }),
};

export type ModelView = z.output<typeof model>;
export type RouteView = z.output<typeof route>;
export type ProviderView = z.output<typeof provider>;
export type NewRoute = NonNullable<z.output<typeof CatalogueRpc.updateModel.request>['routes']>[number];
