import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { CredentialFiles } from './credential-files.js';

let dir: string;
let path: string;
let now: number;
let files: CredentialFiles;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'keyward-credential-'));
  path = join(dir, 'acme');
  now = 0;
  files = new CredentialFiles(() => now);
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

describe('a credential in a file', () => {
  it('is what stands there, without the end of the line', () => {
    writeFileSync(path, 'sk-one\n');
    expect(files.read('acme', path)).toBe('sk-one');
  });

  it('is the new one soon after it was replaced, and the old one while there is none', () => {
    writeFileSync(path, 'sk-one');
    files.read('acme', path);
    rmSync(path);
    now = 6000;
    expect(files.read('acme', path)).toBe('sk-one');
    writeFileSync(path, 'sk-two');
    expect(files.read('acme', path)).toBe('sk-one');
    now = 12_000;
    expect(files.read('acme', path)).toBe('sk-two');
  });

  it.each(['', ' \n'])('that is not there is our fault, and not the client’s: %j', (text) => {
    const refused = expect.objectContaining({ code: 'service_unavailable' });
    expect(() => files.read('acme', path)).toThrow(refused);
    writeFileSync(path, text);
    expect(() => files.read('acme', path)).toThrow(refused);
  });
});
