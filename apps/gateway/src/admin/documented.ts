/** A parameter of a route that is read from somewhere OpenAPI would not see, and the decorator that tells OpenAPI of it. */
export function documented(parameter: () => ParameterDecorator, told: MethodDecorator): () => ParameterDecorator {
  return () => (route, name, index) => {
    const method = name === undefined ? undefined : Object.getOwnPropertyDescriptor(route, name);
    if (name !== undefined && method) told(route, name, method);
    parameter()(route, name, index);
  };
}
