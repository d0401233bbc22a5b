interface Given {
  readonly origin: string;
  readonly secret: string;
  readonly name: string;
}

interface Snippet {
  readonly name: string;
  readonly text: (given: Given) => string;
}

/** The same first call in the words of each place a key may go to. */
export const SNIPPETS: readonly Snippet[] = [
  {
    name: '.env',
    text: ({ origin, secret }) => `OPENAI_BASE_URL=${origin}/v1\nOPENAI_API_KEY=${secret}`,
  },
  {
    name: 'curl',
    text: ({ origin, secret }) => `curl ${origin}/v1/chat/completions \\
  -H "Authorization: Bearer ${secret}" \\
  -H "Content-Type: application/json" \\
  -d '{"model":"echo","messages":[{"role":"user","content":"Hello"}]}'`,
  },
  {
    name: 'Python',
    text: ({ origin, secret }) => `from openai import OpenAI

client = OpenAI(base_url="${origin}/v1", api_key="${secret}")
reply = client.chat.completions.create(
    model="echo",
    messages=[{"role": "user", "content": "Hello"}],
)
print(reply.choices[0].message.content)`,
  },
  {
    name: 'JavaScript',
    text: ({ origin, secret }) => `import OpenAI from 'openai';

const client = new OpenAI({ baseURL: '${origin}/v1', apiKey: '${secret}' });
const reply = await client.chat.completions.create({
  model: 'echo',
  messages: [{ role: 'user', content: 'Hello' }],
});
const { content } = reply.choices[0].message;`,
  },
  {
    name: 'Anthropic',
    text: ({ origin, secret }) => `import Anthropic from '@anthropic-ai/sdk';

const client = new Anthropic({ baseURL: '${origin}', apiKey: '${secret}' });
const reply = await client.messages.create({
  model: 'claude-sonnet-4-5',
  max_tokens: 256,
  messages: [{ role: 'user', content: 'Hello' }],
});`,
  },
  {
    name: 'Kubernetes',
    text: ({ origin, secret, name }) => `apiVersion: v1
kind: Secret
metadata:
  name: ${resourceName(name)}
stringData:
  OPENAI_BASE_URL: ${origin}/v1
  OPENAI_API_KEY: ${secret}`,
  },
];

/** What Kubernetes takes for a name: lower case, digits and dashes. */
function resourceName(name: string): string {
  const plain = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '');
  return plain === '' ? 'keyward' : `keyward-${plain.slice(0, 50)}`;
}
