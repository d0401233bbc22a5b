import { queryOptions } from '@tanstack/react-query';
import { answer, api, type Schemas, seen } from './client.js';

export type RuleSet = Schemas['RuleSetView'];
export type NewRule = Schemas['NewRules']['rules'][number];

/** Whose rules: each of them only takes away from what the wider ones leave. */
export type RuleOwner =
  | { readonly kind: 'organization' }
  | { readonly kind: 'project' | 'member' | 'key'; readonly id: string };

const idOf = (owner: RuleOwner) => ('id' in owner ? owner.id : '');

export const rulesOf = (owner: RuleOwner) =>
  queryOptions({
    queryKey: ['rules', owner.kind, idOf(owner)],
    queryFn: ({ signal }): Promise<RuleSet> => {
      const init = { params: { path: { id: idOf(owner) } }, signal };
      switch (owner.kind) {
        case 'organization':
          return answer(api.GET('/api/organization/iam-rules', { signal }));
        case 'project':
          return answer(api.GET('/api/projects/{id}/iam-rules', init));
        case 'member':
          return answer(api.GET('/api/members/{id}/iam-rules', init));
        case 'key':
          return answer(api.GET('/api/api-keys/{id}/iam-rules', init));
      }
    },
  });

/** The whole set, as it shall be; refused where somebody else has changed it since it was read. */
export function putRules(
  owner: RuleOwner,
  before: Pick<RuleSet, 'revision'>,
  rules: readonly NewRule[],
): Promise<Schemas['RuleSet']> {
  const body = { rules: [...rules] };
  const init = { params: { path: { id: idOf(owner) }, header: seen(before) }, body };
  switch (owner.kind) {
    case 'organization':
      return answer(api.PUT('/api/organization/iam-rules', { params: { header: seen(before) }, body }));
    case 'project':
      return answer(api.PUT('/api/projects/{id}/iam-rules', init));
    case 'member':
      return answer(api.PUT('/api/members/{id}/iam-rules', init));
    case 'key':
      return answer(api.PUT('/api/api-keys/{id}/iam-rules', init));
  }
}

export type KeyModels = Schemas['KeyModels'];

/** What all rules that bind a key leave it of the catalogue: a change of any of them makes it untrue. */
export const modelsOfKey = (id: string) =>
  queryOptions({
    queryKey: ['rules', 'models', id],
    queryFn: ({ signal }): Promise<KeyModels> =>
      answer(api.GET('/api/api-keys/{id}/models', { params: { path: { id } }, signal })),
  });
