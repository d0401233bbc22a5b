import { Failure } from '../failure.mjs';

export const checkBooks = {
  summary: 'Whether all sums of money agree with the ledger; fails where they do not. For operators.',
  options: { repair: { type: 'boolean', help: 'take what is wrong from the ledger' } },
  async run({ api, values, output }) {
    const answer = await api.call('POST', '/api/check-books', { body: { repair: values.repair ?? false } });
    const { buckets, count, drifts, repaired } = answer;
    const lines = drifts.map(({ what, id, expected, found }) => [
      `${what} ${id}`,
      `is ${found}, should be ${expected}`,
    ]);
    output.one(answer, () => ({ buckets, drifts: count, ...Object.fromEntries(lines) }));
    if (count > 0 && !repaired) throw new Failure('refused', `${count} sums do not agree with the ledger`);
  },
};
