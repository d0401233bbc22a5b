/**
 * What stands behind the ? of an address, read field by field. What makes no sense is left out, so that an old link still
 * opens its page. Not Zod's work: these few lines are all that the first page needs, and Zod is a twentieth of its weight.
 */
type Reader<Value> = (given: unknown) => Value | undefined;
type Readers = Readonly<Record<string, Reader<unknown>>>;

export type Address<Fields extends Readers> = {
  [Name in keyof Fields]?: Fields[Name] extends Reader<infer Value> ? Value | undefined : never;
};

export function addressOf<Fields extends Readers>(fields: Fields) {
  return (given: Readonly<Record<string, unknown>>): Address<Fields> =>
    Object.fromEntries(
      Object.entries(fields)
        .map(([name, read]) => [name, read(given[name])])
        .filter(([, value]) => value !== undefined),
    ) as Address<Fields>;
}

/** The router reads `?q=42` as a number; a name of digits is a name all the same. */
export const words = (most: number) => (given: unknown) => {
  const text = typeof given === 'number' ? String(given) : given;
  return typeof text === 'string' && text !== '' && text.length <= most ? text : undefined;
};

export const oneOf =
  <const Value extends string>(values: readonly Value[]) =>
  (given: unknown) =>
    values.find((value) => value === given);

export const yes = (given: unknown) => (given === true ? true : undefined);
