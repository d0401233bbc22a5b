import { z } from 'zod';

export type JsonSchema = z.core.JSONSchema.BaseSchema;

/** What a caller may send. */
export function requestSchema(schema: z.ZodType): JsonSchema {
  return draft7(schema, 'input');
}

/** What travels back, or in an event: the schema's output, which is what the wire carries. */
export function replySchema(schema: z.ZodType): JsonSchema {
  return draft7(schema, 'output');
}

/** Draft 7, because AsyncAPI 3 speaks it. What JSON Schema cannot say (a transform) is left open, never an error. */
function draft7(schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
  const {
    $schema,
    '~standard': _,
    ...document
  } = z.toJSONSchema(schema, {
    target: 'draft-7',
    io,
    unrepresentable: 'any',
    override: ({ zodSchema: { _zod }, jsonSchema }) => {
      // Answers may gain fields: whoever reads them must let fields pass that it does not know.
      if (io === 'output' && _zod.def.type === 'object' && !_zod.def.catchall) delete jsonSchema.additionalProperties;
    },
  });
  return document;
}
