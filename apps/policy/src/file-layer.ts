import { saidInFile } from './catalogue-file.js';
import type { CatalogueYaml } from './catalogue-yaml.js';
import type { PolicyConfig } from './kit.js';

/** $1 for a million tokens in, $2 out: real prices, so that the first call already shows a cost. */
const ECHO_PRICE = { input: '1000000000', output: '2000000000', tiers: [] };

/** What this installation offers before anybody has said anything to its admin API: the file, and the echo where there is one. */
export function readFileLayer({ KEYWARD_CATALOGUE_FILE, KEYWARD_ECHO_URL }: PolicyConfig): CatalogueYaml {
  const said = KEYWARD_CATALOGUE_FILE
    ? saidInFile(KEYWARD_CATALOGUE_FILE)
    : { currency: 'USD', providers: {}, models: {} };
  return KEYWARD_ECHO_URL ? withEcho(said, KEYWARD_ECHO_URL) : said;
}

function withEcho(said: CatalogueYaml, origin: string): CatalogueYaml {
  const route = { provider: 'echo', priority: 0, weight: 1, price: ECHO_PRICE };
  return {
    ...said,
    providers: { echo: { dialect: 'openai', origin, models: [] }, ...said.providers },
    models: { echo: { snapshots: [], routes: [route] }, ...said.models },
  };
}
