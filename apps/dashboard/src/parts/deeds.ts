/** What somebody did, as the audit log names it (`key.reset_usage`), in words (“reset the usage of a key”). */
const VERBS: Record<string, string> = {
  create: 'created',
  update: 'changed',
  delete: 'deleted',
  enable: 'enabled',
  disable: 'disabled',
  expire: 'expired',
  rotate: 'rotated',
  finish_rotation: 'finished the rotation of',
  reset_usage: 'reset the usage of',
  rotate_secret: 'rotated the secret of',
  leaked: 'reported as found in public',
  join: 'joined as',
  invite: 'invited',
  remove: 'removed',
  test: 'tested',
};

const WHOLE: Record<string, string> = {
  'rules.put': 'set the IAM rules',
  'rules.add': 'added an IAM rule',
  'rules.update': 'changed an IAM rule',
  'rules.delete': 'removed an IAM rule',
  'credit.top_up': 'paid in credits',
  'credit.adjustment': 'corrected the credits',
  'member.invitation_revoke': 'took back an invitation',
  'member.link': 'linked a single sign-on account',
  'session.sign_in': 'signed in',
  'session.sign_in_failed': 'failed to sign in',
  'session.password_change': 'changed their password',
  'session.end': 'ended a session',
};

export function deedOf(action: string): string {
  const [noun = '', verb = ''] = action.split('.');
  const thing = noun.replaceAll('_', ' ');
  const article = /^[aeiou]/.test(thing) ? 'an' : 'a';
  return WHOLE[action] ?? `${VERBS[verb] ?? verb.replaceAll('_', ' ')} ${article} ${thing}`;
}
