import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { generatedFiles } from './generated.js';

const files = await generatedFiles();

if (process.env.KEYWARD_GENERATE) {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(resolve(path)), { recursive: true });
    writeFileSync(resolve(path), text);
  }
}

describe('what is generated says what the code says (npm run generate writes it anew)', () => {
  it.each(Object.keys(files))('%s', (path) => {
    expect(readFileSync(resolve(path), 'utf8')).toBe(files[path]);
  });
});
