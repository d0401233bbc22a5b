import { Injectable } from '@nestjs/common';
import type { CatalogueRpc, ModelView } from '#contracts/catalogue';
import type { Answers, Asked } from '#contracts/rpc';
import { readCursor, writeCursor } from '#runtime/store/cursor';
import { CatalogueDesk } from '../catalogue-desk.js';

type Request = Asked<typeof CatalogueRpc.listModels>;

@Injectable()
export class ListModels {
  constructor(private readonly desk: CatalogueDesk) {}

  async run(request: Request): Promise<Answers<typeof CatalogueRpc.listModels>> {
    const { limit, cursor } = request;
    const after = readCursor(cursor)?.id;
    const all = (await this.desk.views()).models();
    const found = all.filter((model) => (after === undefined || model.id > after) && isMeant(model, request));
    const models = found.slice(0, limit);
    const last = found.length > limit ? models.at(-1) : undefined;
    return { models, next_cursor: last ? writeCursor({ value: last.id, id: last.id }) : null };
  }
}

function isMeant(model: ModelView, { q, provider, free, unpriced }: Request): boolean {
  const part = q?.toLowerCase();
  const names = [model.id, ...model.aliases].map((name) => name.toLowerCase());
  return (
    (part === undefined || names.some((name) => name.includes(part))) &&
    (provider === undefined || model.routes.some((route) => route.provider === provider)) &&
    (free === undefined || model.free === free) &&
    (unpriced === undefined || model.unpriced === unpriced)
  );
}
