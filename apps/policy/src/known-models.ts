import { findProvider, type MatchLogic, type ModelInfo } from '@pydantic/genai-prices';
import type { CatalogueRoute } from '#contracts/policy';
import { knownPrices } from './known-prices.js';

/** What is known of a model without anybody having written it down here: from @pydantic/genai-prices, without a network. */
interface KnownModel {
  readonly id: string;
  readonly context: number | null;
  readonly snapshots: readonly string[];
  readonly prices: CatalogueRoute['prices'];
}

const DATE = /-(\d{4}-\d{2}-\d{2}|\d{8}|\d{4})$/;

/**
 * The models of a provider by name; null where the provider is not known. A name is one that the list has in full:
 * what it knows by a prefix or a pattern only has no name that a provider could be asked for.
 */
export function knownModels(provider: string): ReadonlyMap<string, KnownModel> | null {
  const found = findProvider({ providerId: provider });
  if (found?.id !== provider) return null;
  const models = new Map<string, KnownModel>();
  for (const info of found.models) {
    const names = namesOf(info);
    const prices = knownPrices(info.prices);
    for (const id of names) {
      // A dated name of a model that is here itself belongs to it; one that stands alone is a model of its own.
      if (models.has(id) || isSnapshot(id, names)) continue;
      const snapshots = [...names].filter((name) => isSnapshot(name, names) && name.replace(DATE, '') === id);
      models.set(id, { id, context: info.context_window ?? null, snapshots, prices });
    }
  }
  return models;
}

function isSnapshot(name: string, names: ReadonlySet<string>): boolean {
  const undated = name.replace(DATE, '');
  return undated !== name && names.has(undated);
}

function namesOf({ id, match }: ModelInfo): ReadonlySet<string> {
  const names = new Set(equalsOf(match));
  // Some ids are only headings: nothing of that name can be asked for.
  if (accepts(match, id)) names.add(id);
  return names;
}

function equalsOf(match: MatchLogic): string[] {
  if ('equals' in match) return [match.equals];
  return 'or' in match ? match.or.flatMap(equalsOf) : [];
}

function accepts(match: MatchLogic, name: string): boolean {
  if ('equals' in match) return name === match.equals;
  if ('starts_with' in match) return name.startsWith(match.starts_with);
  if ('ends_with' in match) return name.endsWith(match.ends_with);
  if ('contains' in match) return name.includes(match.contains);
  if ('regex' in match) return new RegExp(match.regex).test(name);
  if ('and' in match) return match.and.every((part) => accepts(part, name));
  return match.or.some((part) => accepts(part, name));
}
