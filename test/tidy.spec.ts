import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { KeysRpc } from '#contracts/keys';
import { PeopleRpc } from '#contracts/people';
import { ProjectsRpc } from '#contracts/projects';
import { REFUSALS } from '#contracts/refusals';
import { SessionsRpc } from '#contracts/sessions';
import { CONTRACT as POLICY } from '../apps/policy/src/contract.js';
import { CONTRACT as USAGE } from '../apps/usage/src/contract.js';

/** The house rules that a machine can hold. Those about imports are in `.dependency-cruiser.mjs`. */
const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { encoding: 'utf8' })
  .split('\n')
  .filter((path) => path !== '' && existsSync(path));
const sources = files.filter(
  (path) => /^(apps|libs|test|scripts)\/.*\.(ts|tsx|mjs)$/.test(path) && !path.endsWith('.d.mts'),
);
const read = (path: string) => readFileSync(path, 'utf8');

describe('the house', () => {
  it('has no room too large to see whole', () => {
    const large = sources.filter(
      (path) => read(path).split('\n').length > (/\.(spec|story)\.ts$/.test(path) ? 400 : 260),
    );
    expect(large).toEqual([]);
  });

  it('has no drawers: a file is named for what is in it', () => {
    const drawers = /^(utils?|helpers?|common|shared|misc|index|constants|types|base)\.(ts|tsx|mjs)$/;
    expect(sources.filter((path) => drawers.test(basename(path)))).toEqual([]);
    expect(sources.filter((path) => /\/(utils?|helpers?|common|shared|misc)\//.test(path))).toEqual([]);
  });

  it('has nothing left for later, and no way around the type checker', () => {
    const marks = /\b(TODO|FIXME|XXX)\b|@ts-(ignore|nocheck|expect-error)|\bas any\b|: any\b/;
    expect(sources.filter((path) => path !== 'test/tidy.spec.ts' && marks.test(read(path)))).toEqual([]);
  });

  it('has no test that is skipped or alone', () => {
    const marks = /\b(it|test|describe)\.(skip|only)\(|\bx(it|describe)\(/;
    expect(sources.filter((path) => path !== 'test/tidy.spec.ts' && marks.test(read(path)))).toEqual([]);
  });

  it('writes to standard output in the log and the launcher, and nowhere else', () => {
    const loud = sources.filter(
      (path) => /^(apps|libs)\//.test(path) && /\bconsole\.|process\.stdout/.test(read(path)),
    );
    expect(loud.filter((path) => path !== 'libs/runtime/src/log.ts' && !path.startsWith('apps/echo/'))).toEqual([]);
  });

  it('has no path of one machine and no registry in its files', () => {
    const marks = /["'`](\/work\/|\/root\/|\/home\/(?!linuxbrew))|registry\.npmjs\.org|"resolved":/;
    expect(
      files.filter((path) => path !== 'test/tidy.spec.ts' && !path.endsWith('.png') && marks.test(read(path))),
    ).toEqual([]);
  });

  it('names a folder of the domain in a README of its own', () => {
    const folders = new Set(files.flatMap((path) => /^libs\/domain\/src\/([^/]+)\//.exec(path)?.[1] ?? []));
    expect([...folders].filter((folder) => !existsSync(`libs/domain/src/${folder}/README.md`))).toEqual([]);
  });
});

describe('the contracts', () => {
  it.each([
    ['keys', { ...KeysRpc, ...SessionsRpc, ...PeopleRpc, ...ProjectsRpc }],
    ['policy', POLICY],
    ['usage', USAGE],
  ])('%s: each call is one operation, in the file of its name', (app, contract) => {
    const expected = Object.keys(contract).map((call) => `apps/${app}/src/operations/${kebab(call)}.ts`);
    expect(expected.filter((path) => !existsSync(path))).toEqual([]);
  });

  it('know no refusal that the documentation of HTTP would not have', () => {
    for (const [code, [status, type, message]] of Object.entries(REFUSALS)) {
      expect(code).toMatch(/^[a-z]+(_[a-z]+)*$/);
      expect(status).toBeGreaterThanOrEqual(400);
      expect(type).toMatch(/_error$/);
      expect(message).toMatch(/^[A-Z].*[^ ]$/);
    }
  });
});

function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
