import { everyPage, PAGING } from '../pages.mjs';
import { count, given, id } from '../wording.mjs';

const text = (value, help, more = {}) => ({ type: 'string', value, help, ...more });

const FIELDS = {
  plan: text('plan', 'one of the profile’s plans'),
  'rate-limit': text('n', 'requests a minute of a key that has no limit of its own, or none'),
  'token-limit': text('n', 'tokens a minute of such a key, or none'),
  'max-parallel': text('n', 'requests at once of such a key, or none'),
};

export const projects = {
  create: {
    summary: 'A new project, with a profile and a plan of that profile.',
    options: {
      name: text('name', 'what people call it', { required: true }),
      profile: text('profile', 'keyward, dosai, example, aicredits, osm or doteb'),
      ...FIELDS,
    },
    async run({ api, values, output }) {
      const body = given({ profile: values.profile, ...fieldsOf(values) });
      output.one(await api.call('POST', '/api/projects', { body }), facts);
    },
  },
  list: {
    summary: 'The projects, and how many of their plan’s keys they use.',
    options: PAGING,
    async run({ api, values, output }) {
      const page = await everyPage(api, '/api/projects', {}, values);
      output.many(page, page.data, {
        ID: (project) => project.id,
        NAME: (project) => project.name,
        PROFILE: (project) => project.profile,
        PLAN: (project) => project.plan,
        KEYS: keysOf,
        CREATED: (project) => project.created_at,
      });
    },
  },
  update: {
    summary: 'Change a project; its keys follow.',
    words: ['id'],
    options: {
      name: text('name', 'a new name'),
      ...FIELDS,
      'if-match': text('etag', 'only if nobody has changed it in the meantime'),
    },
    async run({ api, values, words, output }) {
      const headers = given({ 'if-match': values['if-match'] });
      output.one(await api.call('PATCH', pathOf(words), { body: given(fieldsOf(values)), headers }), facts);
    },
  },
  delete: {
    summary: 'Delete a project that has no keys left.',
    words: ['id'],
    async run({ api, words, output }) {
      await api.call('DELETE', pathOf(words));
      output.done({ id: words[0], deleted: true }, 'Deleted.');
    },
  },
};

function fieldsOf(values) {
  const defaults = given({
    rate_limit: count(values['rate-limit'], 'rate-limit'),
    token_limit: count(values['token-limit'], 'token-limit'),
    max_parallel: count(values['max-parallel'], 'max-parallel'),
  });
  return { name: values.name, plan: values.plan, defaults: Object.keys(defaults).length ? defaults : undefined };
}

const pathOf = ([projectId]) => `/api/projects/${id(projectId, 'prj')}`;
const keysOf = ({ keys }) => `${keys.used} of ${keys.allowed ?? 'any number'}`;

function facts(project) {
  return {
    id: project.id,
    name: project.name,
    profile: project.profile,
    plan: project.plan,
    currency: project.currency,
    keys: keysOf(project),
    defaults: project.defaults,
    created: project.created_at,
  };
}
