import type { Bill, Received } from './received.js';

interface Total extends Bill {
  readonly requests: number;
}

export interface Totals extends Total {
  readonly byModel: { readonly [model: string]: Total };
  readonly byCredential: { readonly [credential: string]: Total };
}

interface Waiting {
  readonly isOver: () => boolean;
  readonly resolve: () => void;
}

/** The provider's own books: what reached it and what it billed. Accounts that differ from these are wrong. */
export class Books {
  readonly requests: Received[] = [];
  private waiting: Waiting[] = [];

  add(request: Received): void {
    this.requests.push(request);
    this.tell();
  }

  /** Something was added or ended. */
  tell(): void {
    for (const { isOver, resolve } of this.waiting) if (isOver()) resolve();
  }

  /** So many requests have come, with their bodies. */
  waitFor(count: number, milliseconds = 5000): Promise<void> {
    return this.when(`${count} requests`, () => this.requests.length >= count, milliseconds);
  }

  /** So many requests have come, and none is under way. */
  waitForEnd(count: number, milliseconds = 5000): Promise<void> {
    const isOver = () => this.requests.length >= count && this.requests.every(({ outcome }) => outcome !== 'pending');
    return this.when(`the end of ${count} requests`, isOver, milliseconds);
  }

  totals(): Totals {
    return {
      ...totalOf(this.requests),
      byModel: groupedBy(this.requests, ({ model }) => model ?? ''),
      byCredential: groupedBy(this.requests, ({ credential }) => credential ?? ''),
    };
  }

  clear(): void {
    this.requests.length = 0;
  }

  private async when(what: string, isOver: () => boolean, milliseconds: number): Promise<void> {
    if (isOver()) return;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const late = setTimeout(() => {
      const seen = this.requests.map(({ path, outcome }) => `${path} ${outcome}`);
      reject(new Error(`the fake upstream has waited ${milliseconds} ms for ${what}; there are [${seen.join(', ')}]`));
    }, milliseconds);
    const entry = { isOver, resolve };
    this.waiting.push(entry);
    try {
      await promise;
    } finally {
      clearTimeout(late);
      this.waiting = this.waiting.filter((other) => other !== entry);
    }
  }
}

function groupedBy(requests: readonly Received[], name: (request: Received) => string): { [name: string]: Total } {
  const groups = Map.groupBy(requests, name);
  return Object.fromEntries([...groups].map(([key, members]) => [key, totalOf(members)]));
}

function totalOf(requests: readonly Received[]): Total {
  const sum = (tokens: keyof Bill) => requests.reduce((total, { billed }) => total + billed[tokens], 0);
  return {
    requests: requests.length,
    input: sum('input'),
    cachedInput: sum('cachedInput'),
    cacheWrite: sum('cacheWrite'),
    output: sum('output'),
  };
}
