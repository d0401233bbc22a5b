import { isScalar, parseDocument, visit } from 'yaml';
import { z } from 'zod';
import { amount } from '#contracts/fields';
import { DIALECTS } from '#contracts/policy';
import { parseMoney } from '#domain/money';
import { isProviderOrigin } from '#domain/routing/origin';

/** Units for a million tokens, as everybody writes them. */
const perMillion = amount
  .refine((text) => !text.startsWith('-'), 'must not be below zero')
  .transform((text) => String(parseMoney(text)));

const whole = z
  .string()
  .regex(/^\d{1,9}$/, 'must be a whole number')
  .transform(Number);

const rates = {
  input: perMillion,
  cached_input: perMillion.optional(),
  cache_write: perMillion.optional(),
  output: perMillion,
};

const price = { ...rates, tiers: z.array(z.strictObject({ above: whole, ...rates })).default([]) };

/** A day begins at midnight, UTC. */
const from = z.union([
  z.iso.date().transform((day) => `${day}T00:00:00.000Z`),
  z.iso.datetime({ offset: true }).transform((text) => new Date(text).toISOString()),
]);

const route = z
  .strictObject({
    provider: z.string(),
    upstream_model: z.string().min(1).optional(),
    priority: whole.default(0),
    weight: whole.default(1),
    price: z.strictObject(price).optional(),
    prices: z
      .array(z.strictObject({ from: from.nullable().default(null), ...price }))
      .min(1)
      .optional(),
    free: z.literal(true).optional(),
  })
  .refine(
    ({ price, prices, free }) => [price, prices, free].filter((given) => given !== undefined).length <= 1,
    'has more than one of price, prices and free',
  )
  .refine(
    ({ prices = [] }) => new Set(prices.map(({ from }) => from)).size === prices.length,
    'has two prices from the same moment on',
  );

const provider = z
  .strictObject({
    dialect: z.enum(DIALECTS).default('openai'),
    origin: z.string().refine(isProviderOrigin, 'must be an http or https URL, without a user in it'),
    credential_env: z.string().min(1).optional(),
    credential_file: z.string().min(1).optional(),
    prices: z.string().optional(),
    models: z.array(z.string().min(1)).default([]),
  })
  .refine((it) => !(it.credential_env && it.credential_file), 'has both credential_env and credential_file')
  .refine(
    (it) => it.prices !== undefined || it.models.length === 0,
    'takes models, but says not whose `prices` it has',
  );

const model = z.preprocess(
  // A list is short for its routes.
  (value) => (Array.isArray(value) ? { routes: value } : value),
  z
    .strictObject({
      alias: z.string().min(1).optional(),
      context: whole.pipe(z.int().min(1)).optional(),
      max_output: whole.pipe(z.int().min(1)).optional(),
      snapshots: z.array(z.string().min(1)).default([]),
      routes: z.array(route).min(1).optional(),
    })
    .refine(
      ({ alias, context, max_output, snapshots, routes }) =>
        alias === undefined || !(context || max_output || snapshots.length || routes),
      'is an alias, and nothing else may be said of it',
    ),
);

const catalogue = z.strictObject({
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/, 'must be an ISO 4217 code')
    .default('USD'),
  providers: z.record(
    z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, 'must be small letters, digits, ., _ or -'),
    provider,
  ),
  models: z.record(z.string().min(1).max(200), model).default({}),
});

export type CatalogueYaml = z.output<typeof catalogue>;
export type YamlRoute = z.output<typeof route>;
export type YamlRates = Pick<z.output<z.ZodObject<typeof price>>, keyof typeof rates>;

/** What the text says, or every problem of its shape. */
export function parseCatalogue(text: string): { said: CatalogueYaml } | { problems: string[] } {
  const document = parseDocument(text);
  if (document.errors.length) return { problems: document.errors.map(({ message }) => message) };
  // A number is what is written there: 0.1 is a tenth, and not the double that is nearest to it.
  visit(document, {
    Scalar: (_, node) => {
      if (isScalar(node) && typeof node.value === 'number' && node.source !== undefined) node.value = node.source;
    },
  });
  const result = catalogue.safeParse(document.toJS());
  if (result.success) return { said: result.data };
  return { problems: result.error.issues.map(({ path, message }) => `${path.join('.') || 'it'} ${message}`) };
}
