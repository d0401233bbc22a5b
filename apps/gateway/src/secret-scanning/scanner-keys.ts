import { createPublicKey, type KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import type { Log } from '#runtime/log';

/** A made-up key id must not make us ask for the keys again and again. */
const ASK_AGAIN_MILLISECONDS = 60_000;
const PATIENCE_MILLISECONDS = 5000;
const LARGEST_LIST = 256 * 1024;

/** GitHub's format, which GitHub may add to. */
const keyList = z.object({
  public_keys: z.array(z.object({ key_identifier: z.string(), key: z.string() })).max(100),
});

/** The public keys a secret scanner signs with: read from a URL or a file, and again when a new one turns up. */
export class ScannerKeys {
  private keys: ReadonlyMap<string, KeyObject> = new Map();
  private askedAt = Number.NEGATIVE_INFINITY;
  private asking?: Promise<void>;

  constructor(
    /** Undefined: no scanner is known here. */
    private readonly place: string | undefined,
    private readonly log: Log,
    private readonly now: () => number = () => performance.now(),
  ) {}

  get areConfigured(): boolean {
    return this.place !== undefined;
  }

  async find(identifier: string): Promise<KeyObject | undefined> {
    if (!this.keys.has(identifier)) await this.refresh();
    return this.keys.get(identifier);
  }

  private refresh(): Promise<void> {
    this.asking ??= this.read().finally(() => {
      this.asking = undefined;
    });
    return this.asking;
  }

  private async read(): Promise<void> {
    if (this.place === undefined || this.now() - this.askedAt < ASK_AGAIN_MILLISECONDS) return;
    this.askedAt = this.now();
    try {
      const { public_keys } = keyList.parse(JSON.parse(await textAt(this.place)));
      this.keys = new Map(public_keys.map(({ key_identifier, key }) => [key_identifier, createPublicKey(key)]));
    } catch (error) {
      // The keys we had are still the scanner's.
      this.log.warn({ err: error, place: this.place }, 'the public keys of the secret scanner could not be read');
    }
  }
}

async function textAt(place: string): Promise<string> {
  if (!/^https?:/.test(place)) return readFile(place, 'utf8');
  const reply = await fetch(place, { redirect: 'error', signal: AbortSignal.timeout(PATIENCE_MILLISECONDS) });
  if (!reply.ok) throw new Error(`answered with ${reply.status}`);
  let text = '';
  for await (const piece of (reply.body ?? new ReadableStream()).pipeThrough(new TextDecoderStream())) {
    text += piece;
    if (text.length > LARGEST_LIST) throw new Error(`longer than ${LARGEST_LIST} letters`);
  }
  return text;
}
