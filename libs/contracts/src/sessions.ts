import { z } from 'zod';
import { email, id, moment, name } from './fields.js';
import { opened, password } from './people.js';
import { rpc } from './rpc.js';

export const session = z
  .object({
    id: id('session'),
    created_at: moment,
    expires_at: moment,
    last_seen_at: moment.nullable(),
    origin: z.string().nullable(),
    current: z.boolean(),
  })
  .meta({ id: 'SessionInfo' });

const tenant = { organization_id: id('organization') };

export const SessionsRpc = {
  signIn: rpc({
    subject: 'keyward.keys.sign_in',
    summary: 'Check a member’s e-mail and password, and open a session. Too many failures are refused for a while.',
    request: z.strictObject({ email, password: z.string().min(1).max(1024), ip: z.string().max(64).optional() }),
    reply: opened,
  }),
  signInExternally: rpc({
    subject: 'keyward.keys.sign_in_externally',
    summary: 'Open a session for whom an OpenID provider has vouched for: a member, or somebody invited.',
    request: z.strictObject({
      issuer: z.url(),
      subject: z.string().min(1).max(255),
      email,
      email_verified: z.boolean(),
      name: name.optional(),
    }),
    reply: opened,
  }),
  getSession: rpc({
    subject: 'keyward.keys.get_session',
    summary: 'Who a session belongs to; refused as unauthenticated once it has ended.',
    request: z.strictObject({ session_id: id('session') }),
    reply: opened,
  }),
  listSessions: rpc({
    subject: 'keyward.keys.list_sessions',
    summary: 'The open sessions of a member.',
    request: z.strictObject({ ...tenant, member_id: id('member'), current_session_id: id('session').optional() }),
    reply: z.object({ sessions: z.array(session) }),
  }),
  signOut: rpc({
    subject: 'keyward.keys.sign_out',
    summary: 'End a session.',
    request: z.strictObject({ session_id: id('session') }),
    reply: z.object({}),
  }),
  endSession: rpc({
    subject: 'keyward.keys.end_session',
    summary: 'End a session of one’s own, or, for those who manage people, of another.',
    request: z.strictObject({ ...tenant, session_id: id('session') }),
    reply: z.object({}),
  }),
  changePassword: rpc({
    subject: 'keyward.keys.change_password',
    summary: 'Change one’s own password; every other session of the member ends.',
    request: z.strictObject({
      session_id: id('session'),
      current_password: z.string().max(1024),
      new_password: password,
    }),
    reply: z.object({}),
  }),
};
