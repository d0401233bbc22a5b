import { CatalogueRpc } from '#contracts/catalogue';
import { ExplainRpc } from '#contracts/explain';
import { ImpactRpc } from '#contracts/impact';
import { KeyModelsRpc } from '#contracts/key-models';
import { ModelRulesRpc } from '#contracts/model-rules';
import { PolicyRpc } from '#contracts/policy';
import { ProviderKeysRpc } from '#contracts/provider-keys';
import { RulesRpc } from '#contracts/rules';

/** Everything this service answers to. */
export const CONTRACT = {
  ...PolicyRpc,
  ...CatalogueRpc,
  ...ProviderKeysRpc,
  ...RulesRpc,
  ...ExplainRpc,
  ...ImpactRpc,
  ...ModelRulesRpc,
  ...KeyModelsRpc,
};
