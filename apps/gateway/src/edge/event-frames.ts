/** A frame ends with an empty line, and a line with either of these. */
const FRAME_ENDS = [Buffer.from('\n\n'), Buffer.from('\n\r\n')];
const SEAM_BYTES = 2;
const LINE_FEED = 0x0a;

const USAGE = Buffer.from('"usage"');

/** Behind the last frame that is whole; 0 where none is. */
export function endOfLastFrame(bytes: Buffer): number {
  // As most chunks end, without a call out of the language.
  if (bytes[bytes.length - 1] === LINE_FEED && bytes[bytes.length - 2] === LINE_FEED) return bytes.length;
  let end = 0;
  for (const mark of FRAME_ENDS) {
    const at = bytes.lastIndexOf(mark);
    if (at >= 0) end = Math.max(end, at + mark.length);
  }
  return end;
}

/** As many of the last bytes as may belong to the end of a frame that the next bytes complete. */
export function seamOf(before: Buffer, after: Buffer): Buffer {
  return Buffer.concat([before, after.subarray(-SEAM_BYTES)]).subarray(-SEAM_BYTES);
}

/** Whether a frame that was not at its end with the seam is with the first bytes of what comes after. */
export function endsAcross(seam: Buffer, after: Buffer): boolean {
  return seam.length > 0 && endOfLastFrame(Buffer.concat([seam, after.subarray(0, SEAM_BYTES)])) > 0;
}

export function framesOf(bytes: Buffer): Buffer[] {
  const frames: Buffer[] = [];
  for (let start = 0; start < bytes.length; ) {
    const end = endOfFirstFrame(bytes, start);
    frames.push(bytes.subarray(start, end));
    start = end;
  }
  return frames;
}

function endOfFirstFrame(bytes: Buffer, start: number): number {
  const ends = FRAME_ENDS.map((end) => [bytes.indexOf(end, start), end.length] as const).filter(([at]) => at >= 0);
  return ends.length ? Math.min(...ends.map(([at, length]) => at + length)) : bytes.length;
}

/**
 * Whether a field `usage` has an object as its value: with `null` it stands in every frame of a stream whose usage was
 * asked for. Inside of a text its quotes are escaped, so that no model can write one.
 */
export function saysUsage(bytes: Buffer): boolean {
  for (let at = bytes.indexOf(USAGE); at >= 0; at = bytes.indexOf(USAGE, at)) {
    at += USAGE.length;
    while (isSpaceOrColon(bytes[at])) at++;
    if (bytes[at] === 0x7b /* { */) return true;
  }
  return false;
}

function isSpaceOrColon(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x3a || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

/** What a frame says: its `data` lines, without comments and other fields. */
export function dataOf(frame: Buffer): string {
  return frame
    .toString('utf8')
    .split(/\r?\n/)
    .filter((line) => line.startsWith('data:'))
    .map((line) => line.slice(line[5] === ' ' ? 6 : 5))
    .join('\n');
}
