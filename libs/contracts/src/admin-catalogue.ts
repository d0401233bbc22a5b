import { z } from 'zod';
import { model, modelFields, modelId, provider, providerFields, providerId } from './catalogue.js';
import { amount, text, writtenMoment, writtenMoney } from './fields.js';
import { imaginedPrice } from './model-rules.js';

/** What `/api/models` and `/api/providers` take and give. */
const fields = modelFields({
  money: writtenMoney.pipe(amount),
  when: writtenMoment,
  ids: { price: 'NewModelPrice', route: 'NewModelRoute' },
});

/** A query has words only. */
const flag = z.enum(['true', 'false']).transform((word) => word === 'true');

export const ModelQuery = z.strictObject({
  q: text(200).optional().describe('A part of the name, or of an alias.'),
  provider: providerId.optional(),
  free: flag.optional().describe('`true` or `false`.'),
  unpriced: flag.optional().describe('`true` or `false`.'),
  limit: z.coerce.number().int().min(1).max(100).default(50),
  cursor: z.string().max(400).optional(),
});

/** Of `/api/models/{id}/rules`. */
export const ModelRulesQuery = z.strictObject(imaginedPrice);

export const NewModel = z.strictObject({ id: modelId, ...fields }).meta({ id: 'NewModel' });

export const ModelChange = z.strictObject(fields).meta({ id: 'ModelChange' });

export const ModelPage = pageOf(model).meta({ id: 'ModelPage' });

export const NewProvider = z
  .strictObject({ id: providerId, ...providerFields })
  .required({ origin: true })
  .meta({ id: 'NewProvider' });

export const ProviderChange = z.strictObject(providerFields).meta({ id: 'ProviderChange' });

export const ProviderPage = pageOf(provider).meta({ id: 'ProviderPage' });

function pageOf<Item extends z.ZodType>(item: Item) {
  return z.object({ data: z.array(item), has_more: z.boolean(), next_cursor: z.string().nullable() });
}

export type ModelRulesQuery = z.output<typeof ModelRulesQuery>;
export type ModelQuery = z.output<typeof ModelQuery>;
