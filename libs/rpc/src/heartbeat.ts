import type { NatsConnection } from '@nats-io/transport-node';
import { z } from 'zod';

/** "I live, and this is my newest revision": who holds an older one has missed an event. */
const beatSchema = z.object({
  service: z.string(),
  instance: z.string().optional(),
  revision: z.int().min(0),
  sent_at: z.int(),
  /** Of a gateway: when the oldest of its requests was admitted that have ended and are not in the ledger yet; null: none. */
  unsettled_since: z.int().nullable().optional(),
  /** Of a gateway: whose spools it has found, and tells of now. */
  took_over: z.array(z.string()).optional(),
  /** The last beat of an instance that stops in good order: nobody need wait for it. */
  leaving: z.boolean().optional(),
});

export type Beat = z.output<typeof beatSchema>;

export function beat(connection: NatsConnection, told: Beat): void {
  if (!connection.isClosed()) connection.publish(subjectOf(told.service), JSON.stringify(told));
}

/** Core NATS, not JetStream: a heartbeat nobody heard is worth nothing later. Returns how to stop. */
export function onBeat(connection: NatsConnection, service: string, heard: (beat: Beat) => void): () => void {
  const subscription = connection.subscribe(subjectOf(service), {
    callback: (error, msg) => {
      if (error) return;
      const told = read(msg.string());
      if (told) heard(told);
    },
  });
  return () => subscription.unsubscribe();
}

function subjectOf(service: string): string {
  return `keyward.heartbeat.${service}`;
}

function read(text: string): Beat | undefined {
  try {
    return beatSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
