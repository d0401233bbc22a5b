import type { Catalogue } from '#contracts/policy';
import { ConfigError } from '#runtime/config';
import { readCatalogueFile } from './catalogue-file.js';
import type { PolicyConfig } from './kit.js';

type Content = Omit<Catalogue, 'revision'>;

const EMPTY: Content = { currency: 'USD', providers: [], models: [], aliases: {} };

/** One message on the bus takes a megabyte, and a catalogue has to fit into one. */
const MOST_BYTES = 900_000;

/** $1 for a million tokens in, $2 out: real prices, so that the first call already shows a cost. */
const ECHO_PRICE = {
  input: '1000000000',
  cached_input: '1000000000',
  cache_write: '1000000000',
  output: '2000000000',
  tiers: [],
};

/** What this installation offers: layer over layer, what is known, the operator's file, the echo where there is one. */
export function loadCatalogue(config: PolicyConfig): Content {
  const path = config.KEYWARD_CATALOGUE_FILE;
  const content = withEcho(path ? readCatalogueFile(path) : EMPTY, config.KEYWARD_ECHO_URL);
  const bytes = Buffer.byteLength(JSON.stringify(content));
  if (bytes <= MOST_BYTES) return content;
  throw new ConfigError(`The catalogue is too large: ${bytes} bytes, of ${MOST_BYTES} at most. Take fewer models.`);
}

function withEcho(content: Content, origin: string | undefined): Content {
  if (!origin) return content;
  const route = { provider: 'echo', upstream_model: 'echo', snapshots: [], priority: 0, weight: 1 };
  return {
    ...content,
    providers: [
      ...content.providers,
      { id: 'echo', dialect: 'openai', origin, credential_env: null, credential_file: null },
    ],
    models: [
      ...content.models,
      {
        id: 'echo',
        context: null,
        max_output: null,
        free: false,
        routes: [{ ...route, prices: [{ from: null, price: ECHO_PRICE }] }],
      },
    ],
  };
}
