import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { JsonObject } from './json-object.js';

const of = (text: string) => new JsonObject(Buffer.from(text));
const names = fc.oneof(fc.constantFrom('model', 'stream', 'messages', 'a"b', 'é\\', ''), fc.string());
const objects = fc.dictionary(names, fc.jsonValue({ maxDepth: 4 }), { maxKeys: 8 });
const spaces = fc.constantFrom(undefined, 1, 3, '\t', ' \n');

describe('a JSON object that is not parsed', () => {
  it('says of every field what JSON.parse says', () => {
    fc.assert(
      fc.property(objects, spaces, (value, space) => {
        const text = JSON.stringify(value, null, space);
        const parsed = JSON.parse(text) as Record<string, unknown>;
        const object = of(text);
        for (const name of Object.keys(parsed)) expect(object.get(name)).toEqual(parsed[name]);
        expect(object.has('no such field')).toBe('no such field' in parsed);
      }),
    );
  });

  it('changes what it is told to and not a byte more', () => {
    fc.assert(
      fc.property(objects, objects, spaces, (value, fields, space) => {
        const text = JSON.stringify(value, null, space);
        const changed = JSON.parse(of(text).with(fields).toString('utf8'));
        expect(changed).toEqual(JSON.parse(JSON.stringify({ ...value, ...fields })));
        expect(of(text).with({}).toString('utf8')).toBe(text);
      }),
    );
    const numbers = '{"seed":12345678901234567890,"t":1.10e0 , "model":"a"}';
    expect(of(numbers).with({ model: 'b' }).toString()).toBe('{"seed":12345678901234567890,"t":1.10e0 , "model":"b"}');
  });

  it('puts another field in the place of one', () => {
    const text = '{ "a" : 1.0e0, "prompt":\t"p", "b":{"prompt":1} }';
    const renamed = of(text).renamed('prompt', 'messages', ['m']).toString();
    expect(renamed).toBe('{ "a" : 1.0e0, "messages":["m"], "b":{"prompt":1} }');
  });

  it('never reads a broken body as something else than JSON.parse does', () => {
    const edits = fc.array(
      fc.tuple(fc.nat(200), fc.constantFrom('"', '\\', '{', '}', '[', ']', ',', ':', "'", '/', '*', ' ', 'x', '0')),
      { maxLength: 4 },
    );
    fc.assert(
      fc.property(objects, edits, (value, changes) => {
        let text = JSON.stringify({ model: 'gpt', ...value });
        for (const [at, letter] of changes)
          text = text.slice(0, at % text.length) + letter + text.slice((at % text.length) + 1);
        let parsed: unknown;
        try {
          parsed = JSON.parse(text);
        } catch {
          return;
        }
        if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
          return expect(() => of(text)).toThrow();
        let object: JsonObject;
        try {
          object = of(text);
        } catch (refused) {
          // The one thing it refuses that JSON.parse takes.
          return expect((refused as Error).message).toMatch(/twice/);
        }
        expect(object.get('model')).toEqual((parsed as { model?: unknown }).model);
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ['a name twice', '{"model":"cheap","model":"dear"}', /"model" stands in the body twice/],
    ['a name twice, once in disguise', '{"model":"cheap","mod\\u0065l":"dear"}', /twice/],
    ['a comment', '{"model":"a"/*,"model":"b"*/}', /not valid JSON/],
    ['a comment further in', '{"m":[1/*"*/,2],"model":"a"}', /not valid JSON/],
    ['single quotes', "{'model':'a'}", /not valid JSON/],
    ['brackets that do not match', '{"m":[{]}}', /not valid JSON/],
    ['something behind its end', '{"model":"a"} {"model":"b"}', /not valid JSON/],
    ['no end', '{"model":"a"', /not valid JSON/],
    ['an open string', '{"model":"a\\"}', /not valid JSON/],
    ['a list', '[]', /must be a JSON object/],
    ['nothing', '', /must be a JSON object/],
    ['a byte order mark', '\ufeff{}', /must be a JSON object/],
    ['a pit', `{"m":${'['.repeat(300)}${']'.repeat(300)}}`, /deeper than 256/],
  ])('refuses %s', (_, text, message) => {
    expect(() => of(text)).toThrow(message);
  });

  it('takes a megabyte of prompt in its stride', () => {
    const text = JSON.stringify({
      model: 'm',
      messages: [{ role: 'user', content: 'x'.repeat(1 << 20) }],
      stream: true,
    });
    const bytes = Buffer.from(text);
    const time = (work: () => unknown) => {
      const started = performance.now();
      for (let i = 0; i < 20; i++) work();
      return performance.now() - started;
    };
    time(() => new JsonObject(bytes));
    expect(time(() => new JsonObject(bytes).get('stream'))).toBeLessThan(
      time(() => JSON.parse(bytes.toString('utf8'))),
    );
  });
});
