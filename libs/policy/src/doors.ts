import type { Dialect } from '#domain/usage/read-usage';
import type { KnownModel, Route } from './known-models.js';

/** Where models of a dialect are asked, for who has asked in the wrong place, or nowhere yet. */
export const DOOR_OF: Readonly<Record<Dialect, string>> = {
  openai: '/v1/chat/completions',
  anthropic: '/v1/messages',
};

/** Where a model is asked by who says nothing of it. */
export function doorOf(model: KnownModel | null): string {
  return DOOR_OF[model?.routes[0]?.provider.dialect ?? 'openai'];
}

/** Only providers that speak the dialect of the endpoint can serve it there. */
export function routesAt(endpoint: string, model: KnownModel | null, only?: string): readonly Route[] {
  const dialect = endpoint === DOOR_OF.anthropic ? 'anthropic' : 'openai';
  const spoken = model?.routes.filter(({ provider }) => provider.dialect === dialect) ?? [];
  return only === undefined ? spoken : spoken.filter(({ provider }) => provider.id === only);
}
