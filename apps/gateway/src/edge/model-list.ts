import { Refused } from '#contracts/refusals';

const PATH = '/v1/models';

/** `/v1/models` and `/v1/models/{id}`; null where the path is another. A model’s id may have slashes in it. */
export function modelsAt(path: string): { readonly one: string | null } | null {
  if (path === PATH) return { one: null };
  if (!path.startsWith(`${PATH}/`) || path.length === PATH.length + 1) return null;
  try {
    return { one: decodeURIComponent(path.slice(PATH.length + 1)) };
  } catch {
    throw new Refused('invalid_request', { message: 'The name of the model is not encoded as a URL wants it.' });
  }
}

/** In OpenAI’s shape. */
export function modelsAnswer(usable: readonly string[], one: string | null): object {
  if (one === null) return { object: 'list', data: usable.map(shape) };
  if (usable.includes(one)) return shape(one);
  const message = `The model ${JSON.stringify(one)} does not exist.`;
  throw new Refused('model_not_found', { message, param: 'model' });
}

/** Nobody knows when a model was made; the field is there because clients read it. */
function shape(id: string) {
  return { id, object: 'model', created: 0, owned_by: 'keyward' };
}
