import { celEnv, isCelError, parse, plan } from '@bufbuild/cel';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import type { Condition } from '#domain/policy/rule';
import { assertBounded } from './condition-bounds.js';
import { ConditionProblem } from './condition-problem.js';

/** What a condition can look at. Numbers that nobody said are not there: to ask for them is an error. */
export interface CallFacts {
  readonly request: {
    readonly model: string;
    readonly provider: string;
    readonly endpoint: string;
    readonly stream: boolean;
    readonly maxTokens: number | null;
    readonly tools: boolean;
    readonly images: boolean;
    /** In the currency of the catalogue. */
    readonly estimatedCost: number | null;
  };
  readonly key: {
    readonly id: string;
    readonly name: string;
    readonly tags: Readonly<Record<string, string>>;
    readonly scopes: readonly string[];
  };
  readonly project: string;
  readonly now: number;
}

/** The same, as CEL takes it: made once for a way, however many conditions look at it. */
export type CelFacts = ReturnType<typeof celFacts>;

export function celFacts({ request, key, project, now }: CallFacts) {
  const asked = new Map<string, string | boolean | bigint | number>([
    ['model', request.model],
    ['provider', request.provider],
    ['endpoint', request.endpoint],
    ['stream', request.stream],
    ['tools', request.tools],
    ['images', request.images],
  ]);
  if (request.maxTokens !== null) asked.set('max_tokens', BigInt(request.maxTokens));
  if (request.estimatedCost !== null) asked.set('estimated_cost', request.estimatedCost);
  const of = new Map<string, string | Map<string, string> | readonly string[]>([
    ['id', key.id],
    ['name', key.name],
    ['tags', new Map(Object.entries(key.tags))],
    ['scopes', key.scopes],
  ]);
  return { request: asked, key: of, project, now: timestampFromMs(now) };
}

const ENV = celEnv();

/**
 * Takes a condition apart once. One that cannot be understood, asks for what is not there, or could take long is refused
 * here, before it is kept: what has been compiled costs microseconds.
 */
export function compileCondition(text: string): Condition<CelFacts> {
  const run = planned(text);
  return (facts) => {
    const answer = run(facts);
    return typeof answer === 'boolean' ? answer : 'error';
  };
}

/** The same, and that it comes to true or false: tried with everything there that a request can have. */
export function assertCondition(text: string): void {
  const run = planned(text);
  const answers = SAMPLES.map((facts) => run(celFacts(facts)));
  const failures = answers.filter((answer) => answer instanceof Failure);
  for (const { message } of failures) {
    if (/overload|unbound/.test(message)) throw new ConditionProblem('compares or calls what does not fit together');
    if (NEVER_RIGHT.test(message)) throw new ConditionProblem(`cannot be asked: ${message}`);
  }
  if (answers.some((answer) => typeof answer !== 'boolean' && !(answer instanceof Failure)))
    throw new ConditionProblem('must come to true or false');
  // What is not there in a sample may be there in a request: a tag, for example.
  const [first] = failures.filter(({ message }) => !/^field not found|^index .* out of bounds/.test(message));
  if (first && failures.length === answers.length) throw new ConditionProblem(`always fails: ${first.message}`);
}

/** Whatever is asked: a slip of the pen, and not of the request. */
const NEVER_RIGHT = /time zone|parsing regexp/i;

class Failure {
  constructor(readonly message: string) {}
}

/** What a condition comes to, which may be anything; a `Failure` where it cannot be told. */
function planned(text: string): (facts: CelFacts) => unknown {
  let run: (facts: CelFacts) => unknown;
  try {
    const parsed = parse(text);
    assertBounded(parsed.expr);
    run = plan(ENV, parsed) as (facts: CelFacts) => unknown;
  } catch (error) {
    if (error instanceof ConditionProblem) throw error;
    throw new ConditionProblem(sentenceOf(error));
  }
  return (facts) => {
    try {
      const answer = run(facts);
      return isCelError(answer) ? new Failure(answer.message) : answer;
    } catch (error) {
      return new Failure((error as Error).message);
    }
  };
}

/** The parser’s own first line, without the place it knows nothing better of. */
function sentenceOf(error: unknown): string {
  if (error instanceof RangeError) return 'is nested too deeply';
  const [line = ''] = (error as Error).message.split('\n');
  return `is not CEL: ${line.replace(/^<input>:/, 'at ')}`;
}

const SAMPLE: CallFacts = {
  request: {
    model: 'gpt-4o',
    provider: 'openai',
    endpoint: '/v1/chat/completions',
    stream: false,
    maxTokens: 1000,
    tools: false,
    images: false,
    estimatedCost: 0.01,
  },
  key: { id: 'key_01JD3Q0YV6Z0C7M1W8K2R5T9XA', name: 'ci', tags: { team: 'search' }, scopes: ['read'] },
  project: 'prj_01JD3Q0YV6Z0C7M1W8K2R5T9XA',
  now: Date.UTC(2026, 10, 21, 12),
};

/** Different enough that either side of most ands and ors is asked once. */
const SAMPLES: readonly CallFacts[] = [
  SAMPLE,
  {
    ...SAMPLE,
    request: { ...SAMPLE.request, stream: true, tools: true, images: true, maxTokens: 1_000_000, estimatedCost: 1000 },
    key: { ...SAMPLE.key, tags: {}, scopes: ['admin'] },
    now: Date.UTC(2026, 0, 4, 3),
  },
];
