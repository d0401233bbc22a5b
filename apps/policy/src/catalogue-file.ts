import { readFileSync } from 'node:fs';
import type { Catalogue } from '#contracts/policy';
import { ConfigError } from '#runtime/config';
import { parseCatalogue } from './catalogue-yaml.js';
import { composeCatalogue } from './compose-catalogue.js';

/** The operator's file, over what is known anyway. Refused as a whole, with every problem that it has. */
export function readCatalogueFile(path: string): Omit<Catalogue, 'revision'> {
  const parsed = parseCatalogue(readFileSync(path, 'utf8'));
  const result = 'said' in parsed ? composeCatalogue(parsed.said) : parsed;
  if ('catalogue' in result) return result.catalogue;
  const lines = result.problems.map((problem) => `  ${problem}`);
  throw new ConfigError(`The catalogue ${path} is wrong:\n${lines.join('\n')}`);
}
