/**
 * The numbers of a till, in the order they are kept in: one packed text of doubles, because Redis unpacks all of them in less
 * time than it looks up another field. Scripts and readers know the places from here, and from nowhere else.
 */
const HEAD = [
  'EPOCH',
  'LEASE',
  'REVISION',
  'REVISED',
  'LOCKED',
  'FILLED',
  'USED',
  'GENERATIONS',
  // Until when Redis keeps the till, and until when its seconds.
  'KEPT',
  'CELLS_KEPT',
  // The second that is passing, the sums of the minute that ends with it, and what it came to itself.
  'SECOND',
  'REQUESTS',
  'TOKENS',
  'NOW_REQUESTS',
  'NOW_TOKENS',
  // When the count of this minute and of those before it began: a till that was lost begins another one.
  'COUNTED_SINCE',
] as const;

/** Of each slot, counted from its base; without a generation there is no bucket in it. Slots at the end that are empty are left out. */
const SLOT = ['WINDOW', 'SLICE', 'HELD', 'GENERATION', 'GRANT'] as const;

export const SLOT_SIZE = SLOT.length;
export const FIRST_SLOT = HEAD.length;
/** For all five slots. */
export const FORMAT = `>${'d'.repeat(FIRST_SLOT + 5 * SLOT_SIZE)}`;

const PLACES = new Map<string, number>([...HEAD, ...SLOT].map((name) => [name, placeOf(name)]));

function placeOf(name: (typeof HEAD | typeof SLOT)[number]): number {
  return 1 + Math.max(HEAD.indexOf(name as (typeof HEAD)[number]), SLOT.indexOf(name as (typeof SLOT)[number]));
}

/** A script names the places; Redis need not look the names up. */
export function placed(script: string): string {
  return script.replace(/\b[A-Z_]+\b/g, (name) => String(PLACES.get(name) ?? name));
}

/** Reads the numbers of a till where they are. */
export class PackedTill {
  constructor(private readonly packed: Buffer) {}

  head(name: (typeof HEAD)[number]): number {
    return this.at(placeOf(name) - 1);
  }

  slot(i: number, name: (typeof SLOT)[number]): number {
    return this.at(FIRST_SLOT + i * SLOT_SIZE + placeOf(name) - 1);
  }

  private at(place: number): number {
    return this.packed.length > place * 8 ? this.packed.readDoubleBE(place * 8) : 0;
  }
}
