import { describe, expect, it } from '@jest/globals';
import { assertCondition, type CallFacts, celFacts, compileCondition } from './condition.js';
import { ConditionProblem } from './condition-problem.js';

const CALL: CallFacts = {
  request: {
    model: 'gpt-4o',
    provider: 'azure',
    endpoint: '/v1/chat/completions',
    stream: true,
    maxTokens: null,
    tools: false,
    images: true,
    estimatedCost: 0.25,
  },
  key: { id: 'key_1', name: 'ci', tags: { team: 'search' }, scopes: ['read', 'write'] },
  project: 'prj_1',
  now: Date.parse('2026-11-21T18:30:00Z'),
};

describe('a condition', () => {
  it.each<[string, boolean | 'error']>([
    ['request.model == "gpt-4o" && request.provider == "azure"', true],
    ['request.endpoint in ["/v1/chat/completions", "/v1/embeddings"]', true],
    ['request.stream && !request.tools && request.images', true],
    ['request.estimated_cost < 0.5', true],
    ['request.estimated_cost < 1', true],
    ['request.max_tokens <= 1000', 'error'],
    ['!has(request.max_tokens) || request.max_tokens <= 1000', true],
    ['key.tags.team == "search"', true],
    ['key.tags.owner == "x"', 'error'],
    ['"owner" in key.tags', false],
    ['"write" in key.scopes', true],
    ['key.scopes.exists(s, s.startsWith("w"))', true],
    ['project == "prj_1" && key.name == "ci" && key.id == "key_1"', true],
    ['now.getHours("UTC") >= 9 && now.getHours("UTC") < 18', false],
    ['now.getHours("Asia/Kolkata") == 0', true],
    ['now.getDayOfWeek() == 6', true],
    ['now < timestamp("2027-01-01T00:00:00Z")', true],
    ['request.model.matches("^gpt-4(o|-turbo)")', true],
    ['1 / (request.images ? 0 : 1) == 1', 'error'],
    ['int(key.tags.level) > 3', 'error'],
    ['key.scopes[2] == "admin"', 'error'],
  ])('%s', (text, expected) => {
    assertCondition(text);
    expect(compileCondition(text)(celFacts(CALL))).toBe(expected);
  });

  it.each([
    ['request.model ==', /is not CEL/],
    ['request.user == "x"', /names request.user, and there are request.model, /],
    ['request["user"] == "x"', /names request.user/],
    ['key.secret == "x"', /names key.secret/],
    ['user == "x"', /names user, and there are request, key, project, now/],
    ['request.model', /must come to true or false/],
    ['size(request.model)', /must come to true or false/],
    ['request.max_tokens < "1000"', /does not fit together/],
    ['request.model.sparkles()', /does not fit together/],
    ['1 / 0 == 1', /always fails: int divide by zero/],
    ['timestamp("tomorrow") < now', /always fails: Failed to parse timestamp/],
    ['now.getHours("Nowhere/Land") < 9', /Invalid time zone specified: Nowhere/],
    ['request.stream && now.getHours("Nowhere/Land") < 9', /Invalid time zone specified: Nowhere/],
    ['request.model.matches("(")', /missing closing \)/],
    ['request == {"model": "x"}', /makes a map/],
    ['key.scopes.all(a, key.scopes.all(b, a == b))', /loop inside a loop/],
    ['key.scopes.all(a, a.matches("x"))', /inside a loop/],
    ['request.model.matches(key.name)', /not a plain text/],
    ['request.model.matches("(a{1000}){1000}")', /counted repetition/],
    [`request.model.matches("${'a?'.repeat(60)}")`, /more than 100 letters/],
    ['"a".matches("a") || "b".matches("b") || "c".matches("c")', /more than 2 patterns/],
    [`size(${'['.repeat(30)}${']'.repeat(30)}) > 0`, /too deeply/],
    [`${'('.repeat(5000)}true${')'.repeat(5000)}`, /too deeply/],
    [`1 in [${'1,'.repeat(300)}1]`, /too long/],
  ])('is not %s', (text, problem) => {
    const refused = () => assertCondition(text);
    expect(refused).toThrow(ConditionProblem);
    expect(refused).toThrow(problem);
  });

  it('costs little, however it is made', () => {
    const pattern = `request.model.matches("${'(a*)*'.repeat(19)}$")`;
    const loop = `[${'1,'.repeat(40)}1].all(x, x + 1 > 0 && x + 2 > 0 && x + 3 > 0 && x + 4 > 0)`;
    const facts = celFacts({ ...CALL, request: { ...CALL.request, model: `${'a'.repeat(199)}b` } });
    for (const text of [`${pattern} || ${pattern}`, loop]) {
      const run = compileCondition(text);
      const took = Array.from({ length: 5 }, () => {
        const started = performance.now();
        run(facts);
        return performance.now() - started;
      });
      // Generous, for a busy machine; what is refused above would take seconds.
      expect(Math.min(...took)).toBeLessThan(50);
    }
  });
});
