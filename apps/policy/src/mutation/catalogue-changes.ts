import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { ModelView, ProviderView } from '#contracts/catalogue';
import { Refused } from '#contracts/refusals';
import type { CallContext } from '#contracts/rpc';
import { Clock } from '#runtime/clock';
import { type Doing, Mutations } from '#runtime/store/mutations';
import { CatalogueBook, lockCatalogue } from '../catalogue-book.js';
import { CatalogueFeed } from '../catalogue-feed.js';
import { CatalogueViews } from '../catalogue-views.js';
import { mergedProviders } from '../compose-catalogue.js';
import { type Overlay, readOverlay } from '../store/overlay.js';

/** The catalogue at one moment of a change: what is in its layers, and what it comes to. */
export interface Sight {
  readonly over: Overlay;
  model(name: string): ModelView | null;
  provider(id: string): ProviderView | null;
}

interface Change<Answer> {
  readonly name: string;
  readonly request: { readonly organization_id: string };
  readonly context: CallContext;
  /** What it is when what is asked for would leave a catalogue that is not whole. */
  readonly broken: 'invalid_request' | 'conflict';
  readonly work: (doing: Doing, before: Sight) => Promise<void>;
  /** What is answered, and written down, of the catalogue as it has become. */
  readonly done: (doing: Doing, before: Sight, after: Sight) => Answer;
}

/** How the catalogue is changed: by operators, one after the other, as a whole that is whole, and told to the gateways. */
@Injectable()
export class CatalogueChanges {
  constructor(
    private readonly mutations: Mutations,
    private readonly book: CatalogueBook,
    private readonly feed: CatalogueFeed,
    private readonly clock: Clock,
  ) {}

  async change<Answer>({ name, request, context, broken, work, done }: Change<Answer>): Promise<Answer> {
    const { organization_id } = request;
    const answer = await this.mutations.run({
      name,
      asks: { organization_id, needs: 'admin', as_operator: true },
      context,
      request,
      work: async (doing) => {
        await lockCatalogue(doing.db);
        const before = await this.sight(doing.db);
        await work(doing, before);
        const published = await this.book.publish(doing.db);
        if (typeof published !== 'number') throw notWhole(broken, published.problems);
        return done(doing, before, await this.sight(doing.db));
      },
    });
    this.feed.announce();
    return answer;
  }

  private async sight(db: EntityManager): Promise<Sight> {
    const over = await readOverlay(db);
    const composed = this.book.compose(over);
    // The file may have changed under what was said here. Gateways have what was whole, until somebody makes it so again.
    const catalogue = 'catalogue' in composed ? composed.catalogue : await this.book.current();
    const views = new CatalogueViews(catalogue, over, this.clock.now());
    const providers = mergedProviders(this.book.file, over);
    return {
      over,
      model: (name) => views.model(name),
      provider: (id) => {
        const said = providers[id];
        return said ? views.provider(id, said) : null;
      },
    };
  }
}

function notWhole(code: 'invalid_request' | 'conflict', problems: readonly string[]): Refused {
  return new Refused(code, {
    message: `The catalogue would not be whole: ${problems.slice(0, 3).join('; ')}.`,
    details: { problems: problems.slice(0, 20) },
  });
}
