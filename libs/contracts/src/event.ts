import type { z } from 'zod';

/** Something that happened, told to whoever listens: JetStream stream `KEYWARD_EVENTS`, subjects `keyward.events.>`. */
export interface Event<Payload extends z.ZodType = z.ZodType> {
  readonly subject: string;
  readonly summary: string;
  readonly payload: Payload;
}

export function event<Payload extends z.ZodType>(definition: Event<Payload>): Event<Payload> {
  return definition;
}

export type Told<E extends Event> = z.output<E['payload']>;
