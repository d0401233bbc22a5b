import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from '@jest/globals';

const TYPESCRIPT = fileURLToPath(new URL('../../../../test/faults/nemesis/typescript.mjs', import.meta.url));
const SEGMENTS = new URL('./segments.ts', import.meta.url).href;

/** Writes until there is no room, and once more. How many lines it was told are written is printed. */
const WRITER = `
  import { writeSync } from 'node:fs';
  import { Segment } from '${SEGMENTS}';
  const segment = new Segment(process.argv[1], 0);
  let written = 0;
  for (let i = 0; i < 100; i++) {
    try {
      segment.append('x'.repeat(699) + '\\n');
      written++;
    } catch {}
  }
  writeSync(1, written + ' ' + segment.bytes);`;

it('what a full disk took of a line is taken back: every line that is written is whole', () => {
  const dir = mkdtempSync(join(tmpdir(), 'keyward-segment-'));
  try {
    const path = join(dir, '1.spool');
    const args = ['--import', TYPESCRIPT, '--input-type=module', '--eval', WRITER, path];
    // A limit on files stands for the disk: it lets in a part of a line, and then says no.
    const limited = `trap '' XFSZ; ulimit -f 8; exec "$@"`;
    const told = execFileSync('sh', ['-c', limited, 'sh', process.execPath, ...args], { encoding: 'utf8' });
    const [written, bytes] = told.trim().split(' ').map(Number);
    const text = readFileSync(path, 'utf8');
    expect(written).toBeGreaterThan(0);
    expect(text.length).toBe(bytes);
    expect(text.split('\n').filter((line) => line.length === 699)).toHaveLength(written as number);
    expect(text.replaceAll(/x{699}\n/g, '')).toBe('');
  } finally {
    rmSync(dir, { recursive: true });
  }
});
