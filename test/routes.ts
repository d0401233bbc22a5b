import { Filler, type Kind, kindOf, type Shape } from './id-positions.js';

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly schema: Shape;
}

export interface Route {
  readonly method: string;
  readonly path: string;
  readonly parameters: readonly Parameter[];
  readonly body?: Shape;
}

interface OpenApi {
  readonly paths: Record<string, Record<string, Operation>>;
}

interface Operation {
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content?: Record<string, { readonly schema: Shape }> };
}

type IdAt = (path: string, kind: Kind) => string;

const VERBS = ['get', 'post', 'put', 'patch', 'delete'];

/** The routes of a served OpenAPI document, and requests to them. */
export class Routes {
  readonly all: readonly Route[];
  private readonly filler: Filler;

  constructor(document: unknown) {
    const { paths } = document as OpenApi;
    this.all = Object.entries(paths).flatMap(([path, operations]) =>
      Object.entries(operations)
        .filter(([method]) => VERBS.includes(method))
        .map(([method, operation]) => ({
          method: method.toUpperCase(),
          path,
          parameters: operation.parameters ?? [],
          body: operation.requestBody?.content?.['application/json']?.schema,
        })),
    );
    this.filler = Filler.of(document);
  }

  /** Where a route takes ids: `path.id`, `query.project`, `body.ids[]`. */
  idsOf({ parameters, body }: Route): Map<string, Kind> {
    const places = parameters.map(({ name, in: place, schema }) => this.filler.positions(schema, `${place}.${name}`));
    if (body) places.push(this.filler.positions(body, 'body'));
    return new Map(places.flatMap((found) => [...found]));
  }

  /** What stands in a path and is neither an id nor one of a few words. */
  strangersOf({ method, path, parameters }: Route): string[] {
    return parameters
      .filter(({ in: place, schema }) => place === 'path' && !kindOf(schema) && !schema.enum)
      .map(({ name }) => `${method} ${path}: {${name}}`);
  }

  /** The words a route can be asked to look for. */
  searchesOf({ parameters }: Route): string[] {
    return parameters
      .filter(
        ({ in: place, schema }) => place === 'query' && schema.type === 'string' && !kindOf(schema) && !schema.enum,
      )
      .map(({ name }) => name);
  }

  /** The smallest request that fits, and that has an id at `place`, and at no other place that may be left out. */
  request(route: Route, place: string, idAt: IdAt): { url: string; body?: unknown } {
    const wants = (at: string) => place === at || place.startsWith(`${at}.`) || place.startsWith(`${at}[`);
    const query = new URLSearchParams();
    let path = route.path;
    for (const { name, in: where, required = false, schema } of route.parameters) {
      const at = `${where}.${name}`;
      const value = () => String([this.filler.fill(schema, at, idAt, wants)].flat()[0]);
      if (where === 'path') path = path.replace(`{${name}}`, encodeURIComponent(value()));
      if (where === 'query' && (required || wants(at))) query.set(name, value());
    }
    const body = route.body && this.filler.fill(route.body, 'body', idAt, wants);
    return { url: query.size ? `${path}?${query}` : path, body };
  }
}
