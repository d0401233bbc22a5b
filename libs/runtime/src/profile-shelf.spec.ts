import { EventEmitter } from 'node:events';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Log } from './log.js';
import { ProfileShelf } from './profile-shelf.js';

let dir: string;
let shelf: ProfileShelf;
let signals: EventEmitter;
const error = jest.fn();
const log = { error, info: () => {}, warn: () => {} } as unknown as Log;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'keyward-shelf-'));
  cpSync('profiles', dir, { recursive: true });
  signals = new EventEmitter();
  error.mockClear();
  shelf = new ProfileShelf(dir, log, signals);
});
afterEach(() => {
  shelf.close();
  rmSync(dir, { recursive: true, force: true });
});

const rewrite = (change: (text: string) => string) => {
  const file = join(dir, 'keyward.yaml');
  writeFileSync(file, change(readFileSync(file, 'utf8')));
};
const currency = () => shelf.get('keyward')?.currency;
const heard = () => new Promise<void>((resolve) => (shelf.onChange = resolve));

describe('the shelf of profiles', () => {
  it('has another set when a file changes, and says so', async () => {
    const [before, list] = [shelf.digest, shelf.values()];
    const change = heard();
    rewrite((text) => text.replace('USD', 'EUR'));
    await change;
    expect(currency()).toBe('EUR');
    expect(shelf.digest).not.toBe(before);
    expect(shelf.values()).not.toBe(list);
  });

  it('reads again when told to by SIGHUP', () => {
    rewrite((text) => text.replace('USD', 'CHF'));
    signals.emit('SIGHUP');
    expect(currency()).toBe('CHF');
  });

  it('keeps what it had where a file has a mistake, or is no YAML, or the default profile is gone', () => {
    const list = shelf.values();
    for (const text of ['errors: nonsense', '{{{']) {
      rewrite(() => text);
      signals.emit('SIGHUP');
    }
    rmSync(join(dir, 'keyward.yaml'));
    signals.emit('SIGHUP');
    expect(shelf.values()).toBe(list);
    expect(error).toHaveBeenCalledTimes(3);
  });

  it.each([
    ['another key text', (text: string) => text.replace('kw_', 'kx_')],
    ['a plan less', (text: string) => text.replace(/^ {2}plus:.*$/m, '')],
  ])('takes nothing away that keys may be built on: %s', (_, change) => {
    const list = shelf.values();
    rewrite(change);
    signals.emit('SIGHUP');
    expect(shelf.values()).toBe(list);
    expect(error).toHaveBeenCalledTimes(1);
  });

  it('does not call a comment a change', () => {
    const list = shelf.values();
    shelf.onChange = () => {
      throw new Error('nothing has changed');
    };
    rewrite((text) => `# a comment\n${text}`);
    signals.emit('SIGHUP');
    expect(shelf.values()).toBe(list);
  });

  it('hears nothing any more when it is closed', () => {
    shelf.close();
    expect(signals.listenerCount('SIGHUP')).toBe(0);
  });
});
