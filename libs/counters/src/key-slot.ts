const SLOTS = 16_384;
const POLYNOMIAL = 0x1021;

/** Which of a Redis Cluster's slots a name is in: CRC16 (XMODEM) of what stands between its first braces, or of all of it. */
export function keySlot(name: string): number {
  const tag = /^[^{]*\{([^}]+)\}/.exec(name)?.[1] ?? name;
  let crc = 0;
  for (const byte of Buffer.from(tag)) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit++) crc = (crc << 1) ^ (crc & 0x8000 ? POLYNOMIAL : 0);
    crc &= 0xffff;
  }
  return crc % SLOTS;
}
