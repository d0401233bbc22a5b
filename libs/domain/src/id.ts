/** Crockford's base32: no I, L, O or U, so an id survives being read aloud. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** What an id names; the prefix is part of the id, so an id of the wrong kind is seen before any look-up. */
export const ID_PREFIXES = {
  organization: 'org',
  project: 'prj',
  member: 'mem',
  session: 'ses',
  invitation: 'inv',
  key: 'key',
  secret: 'sec',
  request: 'req',
  reservation: 'rsv',
  provider_key: 'pky',
  credit: 'crd',
  rule: 'rul',
  webhook: 'whk',
  delivery: 'dlv',
} as const;

export type IdKind = keyof typeof ID_PREFIXES;

/** A ULID behind its kind's prefix: 48 bits of time, so ids sort by birth, then 80 random bits. */
export function newId(kind: IdKind, now: number, random: Uint8Array): string {
  let time = '';
  for (let rest = now, i = 0; i < 10; i++, rest = Math.floor(rest / 32)) time = ALPHABET[rest % 32] + time;
  let tail = '';
  let bits = 0;
  let held = 0;
  for (let i = 0; i < 10; i++) {
    held = ((held << 8) | (random[i] ?? 0)) & 0xfff;
    for (bits += 8; bits >= 5; bits -= 5) tail += ALPHABET[(held >> (bits - 5)) & 31];
  }
  return `${ID_PREFIXES[kind]}_${time}${tail}`;
}

export function idPattern(kind: IdKind): RegExp {
  return new RegExp(`^${ID_PREFIXES[kind]}_[0-9A-HJKMNP-TV-Z]{26}$`);
}

/** The birth time a ULID carries. */
export function bornAt(id: string): number {
  let time = 0;
  for (const letter of id.slice(-26, -16)) time = time * 32 + ALPHABET.indexOf(letter);
  return time;
}
