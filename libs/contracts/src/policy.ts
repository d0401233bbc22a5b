import { z } from 'zod';
import { event } from './event.js';
import { moment, nanos, revision } from './fields.js';
import { rpc } from './rpc.js';

export const DIALECTS = ['openai', 'anthropic'] as const;

const provider = z
  .object({
    id: z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/),
    dialect: z.enum(DIALECTS),
    /** The only place its credential is ever sent to. */
    origin: z.url({ protocol: /^https?$/ }),
    /** The name of the variable, in the gateway’s own environment, that holds the credential: it never travels. */
    credential_env: z.string().nullable(),
    /** Or the path of a file, where the gateway is, that holds it. Read again when it changes. */
    credential_file: z.string().nullable(),
  })
  .meta({ id: 'Provider' });

/** Nano-units for a million tokens. */
const rates = { input: nanos, cached_input: nanos, cache_write: nanos, output: nanos };

export const price = z
  .object({
    ...rates,
    /** For a request with more than `above` tokens of input: the rates of the whole of it. */
    tiers: z.array(z.object({ above: z.int().min(0), ...rates })),
  })
  .meta({ id: 'Price' });

const route = z
  .object({
    provider: z.string(),
    upstream_model: z.string(),
    /** Dated names of this very model, `gpt-4o-2024-08-06`: who asks for one of them gets that one from the provider. */
    snapshots: z.array(z.string()),
    /** Lower ones are tried first. */
    priority: z.int().min(0),
    /** Among equal priorities: how often this one comes first. */
    weight: z.int().min(0),
    /** The newest that has begun holds; null, or none at all: nobody knows a price. */
    prices: z.array(z.object({ from: moment.nullable(), price: price.nullable() })),
  })
  .meta({ id: 'Route' });

const model = z
  .object({
    id: z.string().min(1).max(200),
    /** The most tokens that it can look at, and that it can say; null where nobody knows. */
    context: z.int().min(1).nullable(),
    max_output: z.int().min(1).nullable(),
    /** That it costs nothing anywhere, ever. Unpriced is not free. */
    free: z.boolean(),
    routes: z.array(route).min(1),
  })
  .meta({ id: 'Model' });

const catalogue = z
  .object({
    revision,
    currency: z.string().length(3),
    providers: z.array(provider),
    models: z.array(model),
    /** Other names, each for a model or a snapshot of one; never for another alias. */
    aliases: z.record(z.string(), z.string()),
  })
  .meta({ id: 'Catalogue' });

export const PolicyRpc = {
  getCatalogue: rpc({
    subject: 'keyward.policy.catalog',
    summary: 'Every model, where it can be had, and at what price.',
    request: z.strictObject({}),
    reply: catalogue,
  }),
};

export const PolicyEvents = {
  catalogueChanged: event({
    subject: 'keyward.events.policy.catalogue_changed',
    summary: 'There is a newer catalogue.',
    payload: z.object({ revision }),
  }),
};

export type Catalogue = z.output<typeof catalogue>;
export type Provider = z.output<typeof provider>;
export type CatalogueModel = z.output<typeof model>;
export type CatalogueRoute = z.output<typeof route>;
export type CataloguePrice = z.output<typeof price>;
