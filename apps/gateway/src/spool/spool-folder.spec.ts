import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { SpoolFolder } from './spool-folder.js';

it('a folder says whose folders it has taken over, and those that they had taken over themselves', () => {
  const root = mkdtempSync(join(tmpdir(), 'keyward-folder-'));
  const [dead, deader, me] = [randomUUID(), randomUUID(), randomUUID()];
  mkdirSync(join(root, dead, deader), { recursive: true });
  writeFileSync(join(root, dead, deader, '00000001.spool'), '');
  const folder = new SpoolFolder(root, me);
  try {
    expect(folder.adopt()).toEqual([join(root, me, dead, deader, '00000001.spool')]);
    expect(folder.tookOver).toEqual([dead, deader]);
  } finally {
    folder.close(true);
    rmSync(root, { recursive: true });
  }
});
