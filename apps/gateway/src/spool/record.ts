import { crc32 } from 'node:zlib';
import type { DenialCount, UsageEvent } from '#contracts/usage';

/** What is written down: that a request is about to be forwarded, that it was not after all, how it ended, or how many more denials there were. */
export type SpoolRecord =
  | { readonly intent: UsageEvent }
  | { readonly never: string }
  | { readonly event: UsageEvent }
  | { readonly denials: readonly DenialCount[] };

/** One line, so that what is torn or rotten costs one record and never the rest of a file. */
export function lineOf(record: SpoolRecord): string {
  return lineOfText(JSON.stringify(record));
}

/** The same of an event that is text already. */
export function lineOfEvent(event: string): string {
  return lineOfText(`{"event":${event}}`);
}

function lineOfText(text: string): string {
  return `${checksum(text)} ${text}\n`;
}

/** Null for each line that is not as it was written. */
export function* recordsOf(text: string): Generator<SpoolRecord | null> {
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const written = line.slice(9);
    yield line[8] === ' ' && line.slice(0, 8) === checksum(written) ? (JSON.parse(written) as SpoolRecord) : null;
  }
}

function checksum(text: string): string {
  return crc32(text).toString(16).padStart(8, '0');
}
