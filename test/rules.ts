import type { Stack } from './stack.js';

/** The admin API's doors to rules, for tests: of a key, unless another path is said. */
export interface Rules {
  put(rules: readonly object[], headers?: Record<string, string>): Promise<Response>;
  add(rule: object): Promise<Response>;
  get(): Promise<{ rules: { id: string; type: string; status: string }[]; revision: number }>;
}

export function rulesAt({ admin }: Pick<Stack, 'admin'>, of: string): Rules {
  const path = `/api/${of}/iam-rules`;
  return {
    put: (rules, headers) => admin.call('PUT', path, { rules }, headers),
    add: (rule) => admin.call('POST', path, rule),
    get: async () => (await admin.call('GET', path)).json() as ReturnType<Rules['get']>,
  };
}
