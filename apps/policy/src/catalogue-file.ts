import { readFileSync } from 'node:fs';
import type { Catalogue } from '#contracts/policy';
import { ConfigError } from '#runtime/config';
import { type CatalogueYaml, parseCatalogue } from './catalogue-yaml.js';
import { composeCatalogue } from './compose-catalogue.js';

/** What the operator’s file says. Refused as a whole, with every problem that it has. */
export function saidInFile(path: string): CatalogueYaml {
  const parsed = parseCatalogue(readFileSync(path, 'utf8'));
  if ('problems' in parsed) throw wrong(path, parsed.problems);
  readWhole(path, parsed.said);
  return parsed.said;
}

/** What it comes to, over what is known anyway. */
export function readCatalogueFile(path: string): Omit<Catalogue, 'revision'> {
  return readWhole(path, saidInFile(path));
}

function readWhole(path: string, said: CatalogueYaml): Omit<Catalogue, 'revision'> {
  const result = composeCatalogue(said);
  if ('problems' in result) throw wrong(path, result.problems);
  return result.catalogue;
}

function wrong(path: string, problems: readonly string[]): ConfigError {
  const lines = problems.map((problem) => `  ${problem}`);
  return new ConfigError(`The catalogue ${path} is wrong:\n${lines.join('\n')}`);
}
