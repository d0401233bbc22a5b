import { describe, expect, it } from '@jest/globals';
import type { Received } from '../../fake-upstream/received.js';
import { misbooked, mostInAMinute, overspent, type Seen, tooFast, unbalanced, wronglyRefused } from './findings.js';
import type { Row } from './ledger.js';
import type { Spender } from './spenders.js';
import { type Attempt, clientsOf } from './traffic.js';

const spender: Spender = {
  ...{ name: 'one', id: 'key_1', key: 'kw_1', canRunOut: false, rateLimit: 2, busyAt: null, drawsFrom: ['key_1'] },
};
const attempt = (number: number, fields: Partial<Attempt> = {}): Attempt => ({
  ...{ number, spender: 'one', gateway: 0, startedAt: 1000, id: `req_${number}`, status: 200, code: null, said: '' },
  ...{ answeredAfter: 5, endedAt: 1100, ending: 'whole', ...fields },
});
const request = (number: number, at = number) =>
  ({
    json: { user: String(number) },
    at,
    outcome: 'completed',
    billed: { input: 10, output: 5 },
  }) as unknown as Received;
const row = (number: number, fields: Partial<Row> = {}): Row => ({
  ...{ id: `req_${number}`, key: 'key_1', finals: 1, outcome: 'ok', estimated: false },
  ...{ cost: 20_000n, input: 10, output: 5, ...fields },
});

function seen(fields: { attempts?: Attempt[]; rows?: Row[]; requests?: Received[]; ends?: number[] } = {}): Seen {
  const { attempts = [attempt(1)], rows = [row(1)], requests = [request(1)], ends = [] } = fields;
  const house = {
    upstream: { record: { requests } },
    gateways: [{ ends }],
    gaps: () => [],
  } as unknown as Seen['house'];
  const buckets = [{ id: 'key_1/0', organization: 'org_1', settled: 20_000n, granted: 0n, limit: 20_000n }];
  return { house, spenders: [spender], attempts, rows, buckets };
}

describe('what the nemesis finds', () => {
  it('is nothing where all is well', () => {
    const well = seen();
    expect([...overspent(well.buckets), ...misbooked(well), ...unbalanced(well), ...wronglyRefused(well)]).toEqual([]);
    expect(tooFast(well, [])).toEqual([]);
  });

  it.each([
    ['a request without a row', seen({ rows: [] })],
    ['a row that is there twice', seen({ rows: [row(1, { finals: 2 })] })],
    ['one nano too much', seen({ rows: [row(1, { cost: 20_001n })] })],
    ['a request that was sent twice', seen({ requests: [request(1), request(1)] })],
    ['a row for what was never sent', seen({ rows: [row(1), row(2)] })],
    ['a lost request of a client that left', seen({ attempts: [attempt(1, { id: null, ending: 'left' })], rows: [] })],
  ])('is %s', (_, wrong) => {
    expect(misbooked(wrong)).toHaveLength(1);
  });

  it('is not what a request came to whose gateway was killed under it', () => {
    expect(misbooked(seen({ rows: [row(1, { outcome: 'abandoned', cost: 1n })], ends: [1050] }))).toEqual([]);
  });

  it('is a bucket whose slices are more than is left, and one that is not the sum of its rows', () => {
    const [bucket] = seen().buckets;
    expect(overspent(bucket ? [{ ...bucket, granted: 1n }] : [])).toHaveLength(1);
    expect(unbalanced({ ...seen(), rows: [row(1), row(2)] })).toHaveLength(1);
  });

  it.each([401, 402, 403, 500, 502, 504])('is a %i that nothing but an outage explains', (status) => {
    expect(wronglyRefused(seen({ attempts: [attempt(1, { status, ending: 'refused' })] }))).toHaveLength(1);
  });

  it('is one request too many in any 60 seconds', () => {
    const attempts = [1, 2, 3].map((number) => attempt(number));
    const fast = seen({ attempts, requests: [request(1, 1000), request(2, 30_000), request(3, 60_999)] });
    expect(tooFast(fast, [])).toHaveLength(1);
    expect(mostInAMinute(fast)).toEqual(['3 of 2']);
    const steady = seen({ attempts, requests: [request(1, 1000), request(2, 30_000), request(3, 61_000)] });
    expect(tooFast(steady, [])).toEqual([]);
    expect(mostInAMinute(steady)).toEqual(['2 of 2']);
  });

  it('is not what was on its way when Redis forgot, and is what is more than that', () => {
    const most = 2 + clientsOf(spender);
    const numbers = Array.from({ length: most + 1 }, (_, i) => i + 1);
    const attempts = numbers.map((number) => attempt(number));
    const requests = numbers.map((number) => request(number, 1000 * number));
    expect(tooFast(seen({ attempts, requests: requests.slice(0, most) }), [2000])).toEqual([]);
    expect(tooFast(seen({ attempts, requests }), [2000])).toHaveLength(1);
    expect(tooFast(seen({ attempts, requests }), [2000, 3000])).toEqual([]);
  });

  it('is not the share of a gateway that died with what it counted', () => {
    const attempts = [1, 2, 3, 4].map((number) => attempt(number));
    const requests = attempts.map(({ number }) => request(number));
    expect(tooFast(seen({ attempts, requests }), [])).not.toEqual([]);
    expect(tooFast(seen({ attempts, requests, ends: [performance.timeOrigin + 2] }), [])).toEqual([]);
  });
});
