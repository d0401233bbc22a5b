import { CatalogueRpc } from '#contracts/catalogue';
import { PolicyRpc } from '#contracts/policy';

/** Everything this service answers to. */
export const CONTRACT = { ...PolicyRpc, ...CatalogueRpc };
