import { describe, expect, it } from '@jest/globals';
import { createLog } from '#runtime/log';

const body = 'abcdEFGH0123456789abcdEFGH0123456789wxyz';

describe('the log', () => {
  it.each([
    ['a key in a message', `bad key kw_${body}`],
    ['a hex key', `sk-${'0123456789abcdef'.repeat(4)}`],
    ['a provider key', `sk-ant-api03-${body}`],
    ['a bearer header in an error text', `header "Authorization: Bearer ${body}" refused`],
    ['a password in a URL', `cannot reach postgres://keyward:${body}@db:5432/keyward`],
  ])('never holds %s', (_, text) => {
    const lines: string[] = [];
    createLog('test', 'info', (line) => lines.push(line)).error({ err: new Error(text), nested: { text } }, text);
    expect(lines).toHaveLength(1);
    expect(lines[0]).not.toContain(body.slice(8));
    expect(lines[0]).not.toContain('9abcdef0123456789');
  });

  it('never holds a field that is named like a secret', () => {
    const lines: string[] = [];
    createLog('test', 'info', (line) => lines.push(line)).info(
      { password: 'hunter2', request: { authorization: 'hunter2', cookie: 'hunter2' } },
      'in',
    );
    expect(lines[0]).not.toContain('hunter2');
  });

  it('keeps ids, which are no secrets', () => {
    const lines: string[] = [];
    createLog('test', 'info', (line) => lines.push(line)).info('deleted key_01JD3Q0YV6Z0C7M1W8K2R5T9XA');
    expect(lines[0]).toContain('key_01JD3Q0YV6Z0C7M1W8K2R5T9XA');
  });

  // One long line must not stop the process that writes it: whoever can make us log something could.
  it.each([
    ['a long word', 'x'.repeat(200_000)],
    ['words with dashes', 'ab-'.repeat(70_000)],
    ['the beginnings of URLs', 'a://b:'.repeat(30_000)],
    ['bearers', `Bearer${' '.repeat(200_000)}`],
  ])('is not held up by %s', (_, text) => {
    const before = performance.now();
    createLog('test', 'info', () => {}).info(text);
    expect(performance.now() - before).toBeLessThan(2000);
  });
});
