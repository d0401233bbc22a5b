import { Failure } from '../failure.mjs';
import { everyPage, PAGING } from '../pages.mjs';

const text = (value, help) => ({ type: 'string', value, help });

export const audit = {
  list: {
    summary: 'Who did what, newest first.',
    options: {
      subject: text('id', 'only what was done to this'),
      actor: text('actor', 'only what was done by member:mem_…, key:key_… or service:…'),
      action: text('action', 'only this, like key.delete'),
      since: text('time', 'not before'),
      until: text('time', 'not after'),
      ...PAGING,
    },
    async run({ api, values, output }) {
      const { subject, actor, action, since, until } = values;
      const page = await everyPage(api, '/api/audit-events', { subject, actor, action, since, until }, values);
      output.many(page, page.data, {
        AT: (event) => event.at,
        WHO: (event) => event.actor,
        WHAT: (event) => event.action,
        WHOM: (event) => event.subject,
        BEFORE: (event) => event.before,
        AFTER: (event) => event.after,
        FROM: (event) => event.origin,
      });
    },
  },
  verify: {
    summary: 'Whether the audit log is whole; fails where an entry was edited, removed or put in.',
    async run({ api, output }) {
      const answer = await api.call('GET', '/api/audit-events/verify');
      output.one(answer, ({ intact, entries, broken_at, problem, head }) => ({
        intact: intact ? 'yes' : 'no',
        entries,
        ...(intact ? {} : { 'broken at': broken_at, problem }),
        head,
      }));
      if (!answer.intact)
        throw new Failure('refused', `the audit log is broken at entry ${answer.broken_at}: ${answer.problem}`);
    },
  },
};
