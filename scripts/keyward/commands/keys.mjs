import { OUTPUT_FILE } from '../output.mjs';
import { everyPage, PAGING } from '../pages.mjs';
import { count, duration, fromNow, given, id, money, recurring, tags } from '../wording.mjs';

const text = (value, help, more = {}) => ({ type: 'string', value, help, ...more });

const IDEMPOTENCY = {
  'idempotency-key': text('key', 'the same key again does nothing again, and answers the same (never the secret)'),
};
const IF_MATCH = { 'if-match': text('etag', 'only if nobody has changed it in the meantime') };

const LIMITS = {
  'rate-limit': text('n', 'requests a minute, or none: as the plan says'),
  'token-limit': text('n', 'tokens a minute, or none: as the plan says'),
  'max-parallel': text('n', 'requests at once, or none'),
  budget: text('amount', 'all-time spend limit, like 10.50, or none'),
  recurring: text('amount/window', 'spend limit of each window, like 10/1day or 500/1month, or none'),
};
const LABELS = {
  scope: text('scope', 'read, write, admin or webhook', { multiple: true }),
  tag: text('name=value', 'a label', { multiple: true }),
};
const EXPIRY = {
  ttl: text('time', 'how long it works, like 30m, 12h or 7d'),
  expires: text('date', 'until when it works: an ISO 8601 time, or a day, YYYY-MM-DD'),
};

export const keys = {
  create: {
    summary: 'Create a key. Its secret goes to standard output, once.',
    options: {
      name: text('name', 'what people call it', { required: true }),
      project: text('id', 'the project; the first one where left out'),
      ...LABELS,
      ...LIMITS,
      ...EXPIRY,
      ...OUTPUT_FILE,
      ...IDEMPOTENCY,
    },
    async run({ api, values, output }) {
      const body = { ...fieldsOf(values), project_id: values.project && id(values.project, 'prj') };
      const key = await api.call('POST', '/api/api-keys', { body: given(body), headers: headersOf(values) });
      output.withSecret(key, 'key', facts);
    },
  },
  list: {
    summary: 'The keys, newest first.',
    options: {
      project: text('id', 'only of this project'),
      status: text('status', 'active, inactive, disabled or expired'),
      tag: text('name[:value]', 'with this label'),
      q: text('text', 'a part of the name, or of the preview'),
      ...PAGING,
    },
    async run({ api, values, output }) {
      const { project, status, tag, q } = values;
      const page = await everyPage(api, '/api/api-keys', { project, status, tag, q }, values);
      output.many(page, page.data, {
        ID: (key) => key.id,
        NAME: (key) => key.name,
        KEY: (key) => key.preview,
        STATUS: (key) => key.status + (key.leaked_at ? ', leaked' : ''),
        SCOPES: (key) => key.scopes,
        USAGE: (key) => key.usage,
        EXPIRES: (key) => key.expires_at,
        'LAST USED': (key) => key.last_used_at,
      });
    },
  },
  get: {
    summary: 'One key, with its limits and what it has used.',
    words: ['id'],
    run: async ({ api, words, output }) => output.one(await api.call('GET', pathOf(words)), facts),
  },
  update: {
    summary: 'Change a key: what is named is set, what is not stays.',
    words: ['id'],
    options: {
      name: text('name', 'a new name'),
      ...LABELS,
      untag: text('name', 'take a label away', { multiple: true }),
      ...LIMITS,
      ...EXPIRY,
      ...IF_MATCH,
    },
    async run({ api, values, words, output }) {
      const { ttl, ...fields } = fieldsOf(values);
      const body = given({ ...fields, expires_at: ttl ? fromNow(ttl) : fields.expires_at });
      output.one(await api.call('PATCH', pathOf(words), { body, headers: headersOf(values) }), facts);
    },
  },
  enable: action('enable', 'Enable a key. One that has expired needs --ttl or --expires.', EXPIRY, (values) => ({
    ttl: duration(values.ttl, 'ttl'),
    expires_at: values.expires,
  })),
  disable: action('disable', 'Disable a key: every gateway refuses it from now on.'),
  rotate: {
    summary:
      'Give a key a new secret; the old one works until the grace is over. The new one goes to standard output, once.',
    words: ['id'],
    options: {
      grace: text('time', 'how long the old secret still works, like 1h or 7d; 0: not at all'),
      ...OUTPUT_FILE,
      ...IDEMPOTENCY,
      ...IF_MATCH,
    },
    async run({ api, values, words, output }) {
      const body = given({ grace: duration(values.grace, 'grace') });
      const key = await api.call('POST', pathOf(words, '/rotate'), { body, headers: headersOf(values) });
      output.withSecret(key, 'key', facts);
    },
  },
  'finish-rotation': action('rotate/finish', 'End the grace of a rotation now: the old secret stops working.'),
  'reset-usage': action('reset-usage', 'Begin the key’s spend anew at zero.'),
  delete: {
    summary: 'Delete a key for good: every gateway refuses it from now on.',
    words: ['id'],
    options: IF_MATCH,
    async run({ api, values, words, output }) {
      const answer = await api.call('DELETE', pathOf(words), { headers: headersOf(values) });
      output.done(answer, `Deleted.${receiptOf(answer)}`);
    },
  },
};

function action(verb, summary, options = {}, bodyOf = () => ({})) {
  return {
    summary,
    words: ['id'],
    options: { ...options, ...IDEMPOTENCY, ...IF_MATCH },
    async run({ api, values, words, output }) {
      const body = given(bodyOf(values));
      const key = await api.call('POST', pathOf(words, `/${verb}`), { body, headers: headersOf(values) });
      output.one(key, facts);
    },
  };
}

function fieldsOf(values) {
  return {
    name: values.name,
    scopes: values.scope,
    tags: tags(values.tag, values.untag),
    rate_limit: count(values['rate-limit'], 'rate-limit'),
    token_limit: count(values['token-limit'], 'token-limit'),
    max_parallel: count(values['max-parallel'], 'max-parallel'),
    budget: money(values.budget, 'budget'),
    recurring_limit: recurring(values.recurring),
    ttl: duration(values.ttl, 'ttl'),
    expires_at: values.expires === 'none' ? null : values.expires,
  };
}

function headersOf(values) {
  return given({ 'idempotency-key': values['idempotency-key'], 'if-match': values['if-match'] });
}

const pathOf = ([keyId], rest = '') => `/api/api-keys/${id(keyId, 'key')}${rest}`;

function receiptOf({ receipt }) {
  return receipt ? ` ${receipt.acknowledged} of ${receipt.gateways} gateways have confirmed it.` : '';
}

function facts(key) {
  return {
    id: key.id,
    name: key.name,
    key: key.preview,
    project: key.project_id,
    status: key.status,
    scopes: key.scopes,
    tags: key.tags,
    'requests a minute': key.rate_limit,
    'tokens a minute': key.token_limit,
    'requests at once': key.max_parallel,
    usage: `${key.usage ?? '0.00'} ${key.currency}`,
    budget: key.budget,
    'recurring limit': limitOf(key.recurring_limit),
    created: key.created_at,
    expires: key.expires_at,
    'last used': key.last_used_at,
    ...(key.previous ? { 'old secret': `${key.previous.preview}, works until ${key.previous.valid_until}` } : {}),
    ...(key.leaked_at ? { leaked: key.leaked_at } : {}),
    ...(key.receipt ? { confirmed: `by ${key.receipt.acknowledged} of ${key.receipt.gateways} gateways` } : {}),
  };
}

const limitOf = (limit) => limit && `${limit.amount} / ${limit.every} ${limit.unit}`;
