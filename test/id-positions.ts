/** A part of an OpenAPI document, or of a JSON Schema: what its parts mean is found out by looking. */
export interface Shape {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly pattern?: string;
  readonly format?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly example?: unknown;
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly minLength?: number;
  readonly minItems?: number;
  readonly items?: Shape;
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly required?: readonly string[];
  readonly anyOf?: readonly Shape[];
  readonly oneOf?: readonly Shape[];
  readonly allOf?: readonly Shape[];
}

/** The kinds of ids there are: the prefix of an id says which it is. */
export type Kind = string;

/** `body.key_ids` → `key`: where a request takes an id, and of what kind. */
export type Positions = ReadonlyMap<string, Kind>;

const ID = /^\^([a-z]{3})_\[/;

export function kindOf({ pattern }: Shape): Kind | undefined {
  return pattern === undefined ? undefined : ID.exec(pattern)?.[1];
}

/** Builds requests that fit a schema, and finds the ids in them. */
export class Filler {
  private constructor(private readonly resolve: (ref: string) => Shape) {}

  /** For the schemas of a document, which name each other by their place in it. */
  static of(document: unknown): Filler {
    const step = (at: unknown, name: string) => (at as Record<string, unknown>)[name];
    return new Filler((ref) => ref.slice(2).split('/').reduce(step, document) as Shape);
  }

  positions(schema: Shape, path: string): Positions {
    const found = new Map<string, Kind>();
    this.visit(schema, path, (at, shape) => {
      const kind = kindOf(shape);
      if (kind) found.set(at, kind);
    });
    return found;
  }

  /** The smallest value that fits, with what `idAt` says at each id; an optional part is there only where `wants` it. */
  fill(
    schema: Shape,
    path: string,
    idAt: (path: string, kind: Kind) => string,
    wants: (path: string) => boolean,
  ): unknown {
    const shape = this.follow(schema);
    const kind = kindOf(shape);
    if (kind) return idAt(path, kind);
    const choices = shape.anyOf ?? shape.oneOf;
    if (choices) {
      const inside = choices.find((choice) => wants(path) && this.positions(choice, path).size > 0);
      const first = choices.find((choice) => this.follow(choice).type !== 'null');
      return this.fill(inside ?? first ?? {}, path, idAt, wants);
    }
    if (shape.properties) return this.fillObject(shape, path, idAt, wants);
    if (typeOf(shape) === 'array')
      return [this.fill(shape.items ?? {}, `${path}[]`, idAt, wants)].slice(0, wants(path) ? 1 : (shape.minItems ?? 0));
    return sampleOf(shape);
  }

  private fillObject(
    shape: Shape,
    path: string,
    idAt: (path: string, kind: Kind) => string,
    wants: (path: string) => boolean,
  ) {
    const fields = Object.entries(shape.properties ?? {}).filter(
      ([name]) => shape.required?.includes(name) || wants(`${path}.${name}`),
    );
    // A change that changes nothing may be refused for that: one field says something.
    const [first] = Object.entries(shape.properties ?? {});
    if (fields.length === 0 && first) fields.push(first);
    return Object.fromEntries(fields.map(([name, part]) => [name, this.fill(part, `${path}.${name}`, idAt, wants)]));
  }

  private visit(schema: Shape, path: string, see: (path: string, shape: Shape) => void): void {
    const shape = this.follow(schema);
    see(path, shape);
    for (const part of [...(shape.anyOf ?? []), ...(shape.oneOf ?? [])]) this.visit(part, path, see);
    for (const [name, part] of Object.entries(shape.properties ?? {})) this.visit(part, `${path}.${name}`, see);
    if (shape.items) this.visit(shape.items, `${path}[]`, see);
  }

  private follow(schema: Shape): Shape {
    if (schema.$ref !== undefined) return this.follow(this.resolve(schema.$ref));
    // OpenAPI generators wrap a reference that has a description of its own.
    if (!schema.allOf) return schema;
    return Object.assign({}, ...schema.allOf.map((part) => this.follow(part)));
  }
}

function typeOf({ type }: Shape): string | undefined {
  return typeof type === 'string' ? type : type?.find((each) => each !== 'null');
}

function sampleOf(shape: Shape): unknown {
  const said = [shape.const, shape.enum?.[0], shape.default, shape.examples?.[0], shape.example].find(
    (value) => value !== undefined,
  );
  if (said !== undefined) return said;
  switch (typeOf(shape)) {
    case 'string':
      return textOf(shape);
    case 'integer':
    case 'number':
      return shape.minimum ?? (shape.exclusiveMinimum ?? 0) + 1;
    case 'boolean':
      return false;
    case 'array':
      return [];
    case 'object':
      return {};
    default:
      return null;
  }
}

function textOf({ format, minLength = 1 }: Shape): string {
  if (format === 'email') return 'somebody@example.com';
  if (format === 'date-time') return new Date(Date.now() + 86_400_000).toISOString();
  if (format === 'uri') return 'https://example.com';
  return 'x'.repeat(Math.max(1, minLength));
}
