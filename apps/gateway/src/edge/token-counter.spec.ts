import { beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { TokenCounter } from './token-counter.js';

/** As if a minute had passed between any two texts. */
let minutes = 0;
const counter = new TokenCounter(() => ++minutes * 60_000);
beforeAll(() => counter.count('load'));

describe('counting tokens', () => {
  it.each([
    ['', 0],
    ['hello world', 2],
    ['The quick brown fox jumps over the lazy dog.', 10],
    ['中文', 1],
    // Not the mark it looks like.
    ['<|endoftext|>', 7],
  ])('%j is %i', async (text, tokens) => {
    expect(await counter.count(text)).toBe(tokens);
  });

  it('is in whole numbers, and never more than the bytes', async () => {
    const property = fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 2000 }), async (text) => {
      const tokens = await counter.count(text);
      expect(Number.isSafeInteger(tokens)).toBe(true);
      expect(tokens).toBeGreaterThanOrEqual(text === '' ? 0 : 1);
      expect(tokens).toBeLessThanOrEqual(Buffer.byteLength(text));
    });
    await fc.assert(property);
  });

  it('of a text that goes on is never less', async () => {
    const words = fc.array(fc.constantFrom('one ', 'zwei\n', '三', '    ', 'aaaaaaaa', '\u{1f30d}'), {
      maxLength: 3000,
    });
    const property = fc.asyncProperty(words, words, async (text, more) => {
      // Whole slices, because the last word of a slice can join with what comes after it.
      const head = text.join('').padEnd(512 * Math.ceil(text.join('').length / 512));
      const less = await counter.count(head);
      expect(await counter.count(head + more.join(''))).toBeGreaterThanOrEqual(less);
    });
    await fc.assert(property, { numRuns: 30 });
  });

  it('of a long text is reckoned by its beginning, and never lost in it', async () => {
    const sentence = 'The quick brown fox jumps over the lazy dog. ';
    const known = await counter.count(sentence.repeat(100));
    const long = await counter.count(sentence.repeat(10_000));
    expect(long / (known * 100)).toBeGreaterThan(0.97);
    expect(long / (known * 100)).toBeLessThan(1.03);
    const hidden = ' '.repeat(64 * 512) + 'x1'.repeat(200_000);
    expect(await counter.count(hidden)).toBeGreaterThan(50_000);
  });

  it.each([
    ['one letter', 'a'],
    ['blanks', ' '],
    ['letters that are none', '\ud800'],
    ['what never repeats', 'q9Z%'],
  ])('of a megabyte of %s never keeps the others waiting', async (_, unit) => {
    const text = unit.repeat(1024 * 1024);
    let longest = 0;
    let last = performance.now();
    const timer = setInterval(() => {
      longest = Math.max(longest, performance.now() - last);
      last = performance.now();
    }, 1);
    const start = performance.now();
    await counter.count(text);
    clearInterval(timer);
    // As one slice, a megabyte of one letter takes minutes.
    expect(performance.now() - start).toBeLessThan(10_000);
    expect(longest).toBeLessThan(1000);
  });

  it('of more than it can do goes by the bytes, at once, until time has passed', async () => {
    let now = 0;
    const busy = new TokenCounter(() => now);
    const text = 'hello world '.repeat(3000);
    const known = await counter.count(text);
    expect(known).not.toBe(text.length / 4);
    const counted = () => Promise.all(Array.from({ length: 100 }, () => busy.count(text)));
    // A megabyte is 32 of them.
    expect((await counted()).filter((tokens) => tokens === known)).toHaveLength(32);
    now += 1000;
    expect((await counted()).filter((tokens) => tokens === known)).toHaveLength(8);
    now += 3_600_000;
    expect((await counted()).filter((tokens) => tokens === known)).toHaveLength(32);
  });
});
