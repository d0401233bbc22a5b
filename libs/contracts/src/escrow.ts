import { z } from 'zod';
import { id, moment, nanos, revision } from './fields.js';
import { rpc } from './rpc.js';

/**
 * How money gets from the bank (the usage service, over Postgres) into tills (Redis, or the memory of a gateway) and back.
 * A till spends only what the bank has set aside for it: losing a till can waste money for a while, never make any.
 */

/** `key_…/0`, `key_…/0/<window start>`, the same of a project, `org_…/<currency>` for credits. */
const bucketId = z.string().min(1).max(160);

/** Nobody asks for less than nothing: that would be a way to give back what is not there. */
const size = nanos.refine((text) => !text.startsWith('-'), 'must not be negative');

const asked = z.strictObject({
  bucket: bucketId,
  limit_nanos: size.nullable().describe('Null for credits: the bank knows those itself.'),
  need_nanos: size.describe('The least that helps. With a want of nothing as well, the lease alone is renewed.'),
  want_nanos: size.describe('What would last a while at the present rate.'),
  returned_nanos: size.describe(
    'What the till gives back of its slice: taken out of it already. Booked only where the till is renewed. An ask whose ' +
      'answer was lost is never sent again with it: it may have been booked, and what was not is reclaimed with the epoch.',
  ),
  has_nanos: size
    .optional()
    .describe(
      'All that the till has of it; told where no request holds any and none has for 10 s, and left out elsewhere.',
    ),
});

const granted = z.object({
  bucket: bucketId,
  granted_nanos: nanos.describe('Added to the slice by this reply.'),
  limit_nanos: nanos,
  settled_nanos: nanos.describe('In the ledger.'),
  free_nanos: nanos.describe(
    'Neither settled nor set aside for any till, after this grant; less than nothing where a limit was lowered below that.',
  ),
  outside_nanos: nanos.describe('Set aside for other tills, and for epochs of this one that are over.'),
});

const till = {
  organization_id: id('organization'),
  project_id: id('project'),
  key_id: id('key'),
  till: z.string().min(1).max(128).describe('`redis`, or the instance of the gateway that is its own till.'),
};

export const EscrowRpc = {
  grantSlices: rpc({
    subject: 'keyward.usage.grant_slices',
    summary: 'Set money aside for the till of a key: opens, renews or refills it, and takes back what it returns.',
    request: z.strictObject({
      ...till,
      run: z.string().min(1).max(200).describe('The life of the server the till is in: another one, another till.'),
      epoch: z.int().min(0).describe('As the till knows it; 0 where it knows none.'),
      revision: revision.describe('Of the limits below: older ones never replace newer ones.'),
      buckets: z.array(asked).min(1).max(5),
    }),
    reply: z.object({
      outcome: z
        .enum(['granted', 'superseded'])
        .describe('`superseded`: another till has taken over; this one is closed.'),
      epoch: z.int().min(0),
      lease_ms: z.int().min(0),
      buckets: z.array(granted),
    }),
  }),
  keepHolds: rpc({
    subject: 'keyward.usage.keep_holds',
    summary:
      'Requests that are still under way although their till no longer knows them: their money is not reclaimed yet.',
    request: z.strictObject({
      holds: z
        .array(
          z.strictObject({
            ...till,
            epoch: z.int().min(1),
            request_id: id('request'),
            admitted_at: moment,
            buckets: z
              .array(z.strictObject({ bucket: bucketId, held_nanos: nanos }))
              .min(1)
              .max(5),
          }),
        )
        .min(1)
        .max(200),
    }),
    reply: z.object({ kept: z.array(id('request')), keep_ms: z.int() }),
  }),
  findHold: rpc({
    subject: 'keyward.usage.find_hold',
    summary: 'What became of a request whose hold nobody extends: before it is charged as if its gateway had died.',
    request: z.strictObject({ organization_id: id('organization'), request_id: id('request') }),
    reply: z.object({
      is_kept: z.boolean().describe('Its gateway lives and has said so; it may only not reach the till.'),
      cost_nanos: nanos.nullable().describe('What the ledger has of it; null where it has nothing yet.'),
    }),
  }),
};

export type GrantReply = z.output<typeof EscrowRpc.grantSlices.reply>;
