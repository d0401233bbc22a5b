import { CatalogueRpc } from '#contracts/catalogue';
import { PolicyRpc } from '#contracts/policy';
import { RulesRpc } from '#contracts/rules';

/** Everything this service answers to. */
export const CONTRACT = { ...PolicyRpc, ...CatalogueRpc, ...RulesRpc };
