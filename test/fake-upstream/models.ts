import type { Received } from './received.js';
import { CREATED } from './voices/voice.js';

/** `/v1/models` and `/v1/models/{id}`, in the shape of whoever is asked; null where there is no such thing. */
export function modelsAnswer(request: Received, models: readonly string[]): object | null {
  const [path = ''] = request.path.split('?');
  const isOpenAi = request.header('anthropic-version') === null;
  const shape = (id: string): object => (isOpenAi ? openAiModel(id) : anthropicModel(id));
  if (path === '/v1/models') {
    const data = models.map(shape);
    if (isOpenAi) return { object: 'list', data };
    return { data, has_more: false, first_id: models[0] ?? null, last_id: models.at(-1) ?? null };
  }
  const id = decodeURIComponent(path.slice('/v1/models/'.length));
  return path.startsWith('/v1/models/') && models.includes(id) ? shape(id) : null;
}

function openAiModel(id: string) {
  return { id, object: 'model', created: CREATED, owned_by: 'fake' };
}

function anthropicModel(id: string) {
  return { type: 'model', id, display_name: id, created_at: new Date(CREATED * 1000).toISOString() };
}
