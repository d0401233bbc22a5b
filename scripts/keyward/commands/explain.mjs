import { count, given, id } from '../wording.mjs';

const text = (value, help) => ({ type: 'string', value, help });
const flag = (help) => ({ type: 'boolean', help });

export const explain = {
  summary: 'What would come of a call, step by step, and which rule decides; nothing is sent.',
  words: ['key-id', 'model'],
  options: {
    provider: text('provider', 'only this one of its providers'),
    endpoint: text('path', 'like /v1/messages'),
    ip: text('address', 'from where it would come'),
    'max-tokens': text('n', 'what it would allow to be written'),
    stream: flag('as a stream'),
    tools: flag('with tools'),
    images: flag('with images'),
  },
  async run({ api, values, words, output }) {
    const [keyId, model] = words;
    const { provider, endpoint, ip, stream, tools, images } = values;
    const max_tokens = count(values['max-tokens'], 'max-tokens');
    const body = given({ key_id: id(keyId, 'key'), model, provider, endpoint, ip, max_tokens, stream, tools, images });
    output.one(
      await api.call('POST', '/api/policy/explain', { body }),
      ({ decision, code, rule, observed, steps }) => ({
        decision: code === null ? decision : `${decision}: ${code}`,
        ...(rule ? { rule: `${rule.id}, of the ${rule.level}, about ${rule.about}` } : {}),
        ...(observed.length ? { 'would have refused it': observed.join(', ') } : {}),
        ...Object.fromEntries(steps.map(({ step, result, detail }) => [step, detailed(result, detail)])),
      }),
    );
  },
};

function detailed(result, detail) {
  const said = Object.keys(detail).length ? ` ${JSON.stringify(detail)}` : '';
  return `${result.replace('_', ' ')}${said}`;
}
