/**
 * How long fifty rules take for one request: decided in the process, as the edge does it. The goal is less than 5 µs; a
 * condition is CEL and has its own line. `npm run bench:policy`.
 */
import { availableParallelism, cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { build } from '../scripts/start/build.mjs';

const ROUNDS = 9;
const TIMES = 20_000;
const GOAL_MICROSECONDS = 5;

await build(fileURLToPath(new URL('..', import.meta.url)));
const { compileRules } = await import('#policy/compile-rules');
const { decide } = await import('#policy/decision');

const every = /** @type {const} */ ({ status: 'active', condition: null });
const names = (/** @type {string} */ stem, /** @type {number} */ count) =>
  Array.from({ length: count }, (_, at) => `${stem}-${at}`);

/** Of each kind, on each level: lists of exact names, wildcards, prices, networks. */
const LEVELS = /** @type {const} */ (['organization', 'project', 'member', 'key']);
const KINDS = /** @type {const} */ ([
  { type: 'allow_models', models: [...names('model', 10), 'gpt-4*'] },
  { type: 'deny_models', models: [...names('old-model', 8), 'legacy-*', 'beta-*'] },
  { type: 'allow_models', models: ['o1*', 'claude-*'] },
  { type: 'deny_providers', providers: names('provider', 4) },
  { type: 'allow_providers', providers: ['openai', 'azure*'] },
  { type: 'deny_pricing', pricing: { tier: 'any', max_input_price: '50', max_output_price: null } },
  { type: 'allow_pricing', pricing: { tier: 'any', max_input_price: '20', max_output_price: '80' } },
]);

/** @param {number} count @param {string | null} condition */
function policyOf(count, condition) {
  const sets = LEVELS.map((level, at) => ({
    level,
    rules: Array.from({ length: Math.ceil((count - at) / LEVELS.length) }, (_, index) => ({
      ...every,
      ...KINDS[index % KINDS.length],
      id: `${level} ${index}`,
      condition: level === 'key' && index % KINDS.length === 0 ? condition : null,
    })),
  }));
  return compileRules(/** @type {Parameters<typeof compileRules>[0]} */ (sets));
}

const price = { input: 2_500_000_000n, cachedInput: 0n, output: 10_000_000_000n };
const route = (/** @type {string} */ id) => ({
  provider: {
    id,
    dialect: /** @type {const} */ ('openai'),
    origin: 'https://one.test',
    credential_env: null,
    credential_file: null,
  },
  upstreamModel: 'gpt-4o',
  priority: 0,
  weight: 1,
  currency: 'USD',
  prices: [{ from: null, price }],
});
const call = {
  key: {
    key_id: 'key',
    name: 'bench',
    tags: { team: 'search' },
    scopes: /** @type {['read']} */ (['read']),
    project_id: 'prj',
  },
  model: { id: 'gpt-4o', snapshot: null },
  name: 'gpt-4o',
  endpoint: '/v1/chat/completions',
  stream: false,
  ip: '192.0.2.7',
  now: Date.now(),
  details: () => ({ maxTokens: 100, tools: false, images: false, inputTokens: 500 }),
};
const routes = [route('openai')];

const contenders = {
  'no rules': policyOf(0, null),
  '10 rules': policyOf(10, null),
  '50 rules': policyOf(50, null),
  '50 rules, one condition': policyOf(50, 'request.max_tokens <= 1000 && key.tags.team == "search"'),
};

const all = new Map(Object.keys(contenders).map((name) => [name, /** @type {number[]} */ ([])]));
for (let round = 0; round <= ROUNDS; round++)
  for (const [name, policy] of Object.entries(contenders)) {
    const started = performance.now();
    for (let time = 0; time < TIMES; time++) {
      if (decide(policy, call, routes).decision !== 'allow') throw new Error(`${name} should allow this`);
    }
    // One round to warm up, not counted.
    if (round > 0) all.get(name)?.push(((performance.now() - started) * 1000) / TIMES);
  }

console.log(`\n${cpus()[0]?.model.trim()}, ${availableParallelism()} cores, Node ${process.versions.node}\n`);
console.log('| | µs a decision | lowest to highest |\n|---|---|---|');
for (const [name, taken] of all)
  console.log(
    `| ${name} | ${median(taken).toFixed(2)} | ${Math.min(...taken).toFixed(2)} to ${Math.max(...taken).toFixed(2)} |`,
  );
if (median(all.get('50 rules') ?? []) > GOAL_MICROSECONDS) {
  console.error(`\n50 rules take more than ${GOAL_MICROSECONDS} µs`);
  process.exitCode = 1;
}

/** @param {number[]} values */
function median(values) {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
