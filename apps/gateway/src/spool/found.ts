import { hash } from 'node:crypto';
import type { DenialCount, UsageBatch, UsageEvent } from '#contracts/usage';
import { recordsOf, type SpoolRecord } from './record.js';

const BATCH_EVENTS = 200;

interface File {
  readonly path: string;
  readonly text: string;
}

interface Found {
  readonly batches: { readonly path: string; readonly id: string; readonly told: UsageBatch }[];
  readonly abandoned: { readonly path: string; readonly event: UsageEvent }[];
  /** Lines that are not as they were written. */
  readonly rotten: number;
}

/**
 * What is in the files of a gateway that died. Ends are told again, whether they were told before or not: the ledger knows.
 * Requests without an end are charged as they were begun.
 */
export function foundIn(files: readonly File[]): Found {
  const batches: Found['batches'] = [];
  const begun = new Map<string, { path: string; event: UsageEvent }>();
  let rotten = 0;
  for (const { path, text } of files) {
    const records = [...recordsOf(text)];
    const whole = records.filter((record) => record !== null);
    rotten += records.length - whole.length;
    for (const record of whole) {
      if ('intent' in record) begun.set(record.intent.request_id, { path, event: record.intent });
      if ('never' in record) begun.delete(record.never);
    }
    const { events, denials } = batchIn(whole);
    for (const { request_id } of events) begun.delete(request_id);
    for (let at = 0; at < events.length; at += BATCH_EVENTS)
      batches.push(named(path, { events: events.slice(at, at + BATCH_EVENTS), denials: [] }));
    for (let at = 0; at < denials.length; at += BATCH_EVENTS)
      batches.push(named(path, { events: [], denials: denials.slice(at, at + BATCH_EVENTS) }));
  }
  return { batches, abandoned: [...begun.values()], rotten };
}

/** What is told of some records; that something began is not told. */
export function batchIn(records: Iterable<SpoolRecord | null>) {
  const events: UsageEvent[] = [];
  const denials: DenialCount[] = [];
  for (const record of records) {
    if (record && 'event' in record) events.push(record.event);
    if (record && 'denials' in record) denials.push(...record.denials);
  }
  return { events, denials } satisfies UsageBatch;
}

/** Named after what is in it, so that who finds it again after another death tells the same batch again. */
function named(path: string, told: UsageBatch) {
  return { path, id: hash('sha256', JSON.stringify(told)).slice(0, 32), told };
}
