/** An address as the number it is; an IPv4 address within IPv6 (`::ffff:192.0.2.1`) is the IPv4 address. */
interface Address {
  readonly version: 4 | 6;
  readonly value: bigint;
}

/** All addresses that begin with the same bits. */
export interface Network {
  readonly version: 4 | 6;
  readonly value: bigint;
  /** How many bits at the end are free. */
  readonly free: bigint;
}

const BITS = { 4: 32, 6: 128 } as const;
const MAPPED = 0xffffn;

/** `192.0.2.1`, `2001:db8::1`; null where the text is no address. A zone (`%eth0`) says nothing about who it is. */
export function parseAddress(text: string): Address | null {
  if (!text.includes(':')) return addressOf(4, parseIpv4(text));
  const [plain = ''] = text.split('%');
  const value = parseIpv6(plain);
  if (value !== null && value >> 32n === MAPPED) return { version: 4, value: value & 0xffffffffn };
  return addressOf(6, value);
}

/** `192.0.2.0/24`, or one address. Null where it is neither, or has bits set behind its length: a slip of the pen. */
export function parseNetwork(text: string): Network | null {
  const [plain = '', length, ...rest] = text.split('/');
  if (rest.length || plain.includes('%')) return null;
  const address = parseAddress(plain);
  if (!address) return null;
  const bits = length === undefined ? BITS[address.version] : lengthOf(length, plain, address);
  if (bits === null) return null;
  const free = BigInt(BITS[address.version] - bits);
  return (address.value >> free) << free === address.value ? { ...address, free } : null;
}

export function contains({ version, value, free }: Network, address: Address): boolean {
  return version === address.version && address.value >> free === value >> free;
}

function lengthOf(text: string, plain: string, { version }: Address): number | null {
  if (!/^(0|[1-9]\d{0,2})$/.test(text)) return null;
  // Written as IPv6, counted as IPv6: ::ffff:192.0.2.0/120 is a /24.
  const length = Number(text) - (version === 4 && plain.includes(':') ? 96 : 0);
  return length >= 0 && length <= BITS[version] ? length : null;
}

function addressOf(version: 4 | 6, value: bigint | null): Address | null {
  return value === null ? null : { version, value };
}

function parseIpv4(text: string): bigint | null {
  const parts = text.split('.');
  // No leading zeros: some read them as octal, and then it is another address.
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256)) return null;
  return parts.reduce((value, part) => (value << 8n) | BigInt(part), 0n);
}

function parseIpv6(text: string): bigint | null {
  const halves = text.split('::');
  if (halves.length > 2) return null;
  const [head = null, tail = null] = halves.map((half, at) => groupsOf(half, at === halves.length - 1));
  if (head === null || (halves.length === 2 && tail === null)) return null;
  const missing = 8 - head.length - (tail?.length ?? 0);
  if (halves.length === 2 ? missing < 1 : missing !== 0) return null;
  const groups = [...head, ...Array<bigint>(missing).fill(0n), ...(tail ?? [])];
  return groups.reduce((value, group) => (value << 16n) | group, 0n);
}

/** The last 32 bits of all may be written as IPv4. */
function groupsOf(text: string, isLast: boolean): bigint[] | null {
  if (text === '') return [];
  const parts = text.split(':');
  const ipv4 = isLast && parts.at(-1)?.includes('.') ? parseIpv4(parts.pop() ?? '') : undefined;
  if (ipv4 === null || !parts.every((part) => /^[\da-f]{1,4}$/i.test(part))) return null;
  const groups = parts.map((part) => BigInt(`0x${part}`));
  return ipv4 === undefined ? groups : [...groups, ipv4 >> 16n, ipv4 & 0xffffn];
}
