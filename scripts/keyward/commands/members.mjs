import { OUTPUT_FILE } from '../output.mjs';
import { everyPage, PAGING } from '../pages.mjs';
import { given, id } from '../wording.mjs';

const text = (value, help, more = {}) => ({ type: 'string', value, help, ...more });

export const members = {
  list: {
    summary: 'The people of the organization.',
    options: PAGING,
    async run({ api, values, output }) {
      const page = await everyPage(api, '/api/members', {}, values);
      output.many(page, page.data, {
        ID: (member) => member.id,
        NAME: (member) => member.name,
        'E-MAIL': (member) => member.email,
        ROLE: (member) => member.role,
        'LAST SIGN-IN': (member) => member.last_sign_in_at,
      });
    },
  },
  invite: {
    summary: 'Invite somebody. The token they accept with goes to standard output, once.',
    options: {
      email: text('e-mail', 'whom', { required: true }),
      role: text('role', 'owner, admin, member or viewer', { required: true }),
      ...OUTPUT_FILE,
    },
    async run({ api, values, output }) {
      const body = { email: values.email, role: values.role };
      const invitation = await api.call('POST', '/api/invitations', { body });
      output.withSecret(invitation, 'token', ({ id, email, role, expires_at }) => ({
        id,
        email,
        role,
        expires: expires_at,
      }));
    },
  },
  update: {
    summary: 'Change a member’s name or role.',
    words: ['id'],
    options: { name: text('name', 'a new name'), role: text('role', 'owner, admin, member or viewer') },
    async run({ api, values, words, output }) {
      const body = given({ name: values.name, role: values.role });
      const member = await api.call('PATCH', pathOf(words), { body });
      output.one(member, ({ id, name, email, role }) => ({ id, name, 'e-mail': email, role }));
    },
  },
  remove: {
    summary: 'Remove a member: all their sessions end at once. Keys they made stay.',
    words: ['id'],
    async run({ api, words, output }) {
      await api.call('DELETE', pathOf(words));
      output.done({ id: words[0], removed: true }, 'Removed.');
    },
  },
};

const pathOf = ([memberId]) => `/api/members/${id(memberId, 'mem')}`;
