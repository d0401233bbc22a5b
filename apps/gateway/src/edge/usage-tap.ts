import type { ReadUsage } from '#domain/usage/read-usage';

/** Reads what a provider says a call used, while the answer passes by. */
export interface UsageTap {
  readonly isStream: boolean;
  /** What goes on to the client. */
  pass(chunk: Buffer): Buffer | null;
  /** What is still held back at the end. */
  rest(): Buffer | null;
  /** What is known when the answer is over, in whatever way. */
  readonly read: Read;
}

export interface Read {
  /** The provider's last word on its usage, and what it had said until then. */
  readonly usage: ReadUsage | null;
  readonly stated: ReadUsage | null;
  /** The provider has said that it failed. Only looked for where its usage is missing. */
  readonly failed: boolean;
  /** What the model wrote, as much of it as was kept. Empty where the usage is known. */
  readonly text: string;
  /** How much longer all of it was: 1 where everything was kept. */
  readonly longer: number;
}
