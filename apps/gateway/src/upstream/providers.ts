import type { Provider } from '#contracts/policy';
import { Link, type Patience } from './link.js';

/** The ways to the providers: one for each origin. */
export class Providers {
  private readonly links = new Map<string, Link>();

  constructor(private readonly patience: Patience) {}

  linkTo({ origin }: Provider): Link {
    const known = this.links.get(origin);
    if (known) return known;
    const link = new Link(origin, this.patience);
    this.links.set(origin, link);
    return link;
  }

  async close(): Promise<void> {
    await Promise.all([...this.links.values()].map(({ pool }) => pool.destroy()));
  }
}
