import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { Ajv } from 'ajv';
import { readCatalogueFile } from '../../apps/policy/src/catalogue-file.js';
import { textOf, yamlOf } from './files.js';
import { APPS, type App, configOf, KNOWN } from './settings.js';

interface Compose {
  services: Record<string, Service>;
  networks?: Record<string, { internal?: boolean } | null>;
  volumes: Record<string, unknown>;
}

interface Service {
  image: string;
  user?: string;
  build?: { context: string; target: string };
  command?: string[];
  ports?: string[];
  environment?: Record<string, string>;
  volumes?: string[];
  networks?: string[];
  depends_on?: Record<string, { condition: string }>;
  healthcheck?: { test: string[] };
  cap_drop?: string[];
  security_opt?: string[];
  read_only?: boolean;
  privileged?: boolean;
  stop_grace_period?: string;
}

const FILES = ['docker-compose.yml', 'docker-compose.dev.yml'] as const;
const compose = yamlOf<Compose>('docker-compose.yml');
const dev = yamlOf<Compose>('docker-compose.dev.yml');
const SERVERS = ['postgres', 'nats', 'redis'] as const;

const serviceOf = (name: string, file = compose): Service => {
  const found = file.services[name];
  if (!found) throw new Error(`there is no service ${name}`);
  return found;
};

/** The Compose specification's own schema, which this linter carries. */
function composeSchema(): object {
  const linter = createRequire(import.meta.url).resolve('dclint/package.json');
  const { $schema: _draft, ...schema } = JSON.parse(
    readFileSync(linter.replace('package.json', 'schemas/compose.schema.json'), 'utf8'),
  );
  return schema;
}

describe('the compose files', () => {
  const fits = new Ajv({ strict: false, validateFormats: false, allErrors: true }).compile(composeSchema());

  it.each(FILES)('%s fits the Compose specification', (file) => {
    fits(yamlOf(file));
    expect(fits.errors ?? []).toEqual([]);
  });

  it('are refused where they are wrong: the check above can fail', () => {
    const broken = structuredClone(compose);
    Object.assign(serviceOf('gateway', broken), { port: ['8080:8080'] });
    expect(fits(broken)).toBe(false);
    const unhealthy = structuredClone(compose);
    serviceOf('gateway', unhealthy).depends_on = { keys: { condition: 'healthy' } };
    expect(fits(unhealthy)).toBe(false);
  });

  it('name a version of every image, the same in both', () => {
    for (const { image } of [...Object.values(compose.services), ...Object.values(dev.services)]) {
      expect(image).toMatch(/:[^:]*\d/);
      expect(image).not.toMatch(/latest/);
    }
    for (const name of SERVERS) expect(serviceOf(name, dev).image).toBe(serviceOf(name).image);
  });

  it('check the health of every service, and privilege none', () => {
    for (const [name, service] of [...Object.entries(compose.services), ...Object.entries(dev.services)]) {
      expect([name, service.healthcheck?.test.length ?? 0]).toEqual([name, expect.any(Number)]);
      expect(service.healthcheck?.test.length).toBeGreaterThan(1);
      expect(service).not.toHaveProperty('privileged');
      expect(service).not.toHaveProperty('cap_add');
      expect(service.volumes?.join() ?? '').not.toContain('docker.sock');
    }
  });

  it('hold no secret: what is secret is a variable, and has to be given where nothing works without it', () => {
    for (const file of FILES) {
      for (const [line] of textOf(file).matchAll(/^.*(?:SECRET|PASSWORD).*$/gm)) {
        if (/^\s*#|\$\$REDIS_PASSWORD/.test(line)) continue;
        // Signing in with OpenID is a choice, and a public client has no secret; a root secret need not have been another.
        const optional = /OIDC_CLIENT_SECRET|SECRET_SCANNING_KEYS|SECRET_PREVIOUS/.test(line);
        expect(line).toMatch(optional ? /\$\{\w+:-\}/ : /\$\{\w+:\?[^}]+\}/);
      }
      expect(textOf(file)).not.toMatch(/:\/\/[^/\s$]*:[^$/\s][^/\s]*@/);
    }
  });

  it('publish nothing but the gateway, and that to this machine only', () => {
    const published = Object.entries(compose.services).filter(([, { ports }]) => ports);
    expect(published.map(([name]) => name)).toEqual(['gateway']);
    expect(serviceOf('gateway').ports).toEqual([expect.stringMatching(/^\$\{KEYWARD_BIND:-127\.0\.0\.1\}:/)]);
    for (const { ports } of Object.values(dev.services))
      for (const port of ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:/);
  });

  it('leave only the gateway a way out', () => {
    expect(compose.networks?.backend).toEqual({ internal: true });
    for (const [name, { networks }] of Object.entries(compose.services)) {
      expect([name, networks]).toEqual([name, name === 'gateway' ? ['backend', 'front'] : ['backend']]);
    }
  });

  it('keep what must not be lost in volumes that exist', () => {
    for (const file of [compose, dev]) {
      const named = Object.values(file.services).flatMap(({ volumes }) =>
        (volumes ?? []).filter((volume) => !volume.startsWith('.')),
      );
      expect(named.map((volume) => volume.split(':')[0]).sort()).toEqual(Object.keys(file.volumes).sort());
    }
    expect(serviceOf('gateway').volumes).toContain('spool:/var/lib/keyward/spool');
  });
});

describe.each(APPS)('the container of %s', (app) => {
  const service = serviceOf(app);

  it('is built from its own target, and hardened', () => {
    expect(service.build).toEqual({ context: '.', target: app });
    expect(service).toMatchObject({
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
      stop_grace_period: '60s',
    });
  });

  it('waits until what it needs is healthy', () => {
    const needs = app === 'gateway' ? ['keys', 'nats', 'policy', 'redis', 'usage'] : ['nats', 'postgres', 'redis'];
    expect(Object.keys(service.depends_on ?? {}).sort()).toEqual(needs);
    for (const { condition } of Object.values(service.depends_on ?? {})) expect(condition).toBe('service_healthy');
  });

  it('is given settings that are known, and starts with them', () => {
    for (const name of Object.keys(service.environment ?? {})) expect(KNOWN).toContain(name);
    expect(configOf(app, environmentOf(app))).toMatchObject({ KEYWARD_HOST: '0.0.0.0', KEYWARD_OPS_PORT: 9090 });
  });

  it('speaks on the bus as itself', () => {
    expect(new URL(environmentOf(app).KEYWARD_NATS_URL ?? '').username).toBe(`keyward-${app}`);
    expect(textOf('deploy/nats.conf')).toContain(`user: keyward-${app}`);
  });
});

describe('the servers', () => {
  it('are not root where their image allows it', () => {
    expect(serviceOf('postgres').user).toBe('postgres');
    expect(serviceOf('redis').user).toBe('redis');
    for (const name of SERVERS)
      expect(serviceOf(name)).toMatchObject({ cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'] });
  });

  it('make Redis say no when it is full, and remember what it was told', () => {
    const script = serviceOf('redis').command?.at(-1);
    expect(script).toMatch(/^maxmemory-policy noeviction$/m);
    expect(script).toMatch(/^appendonly yes$/m);
    expect(script).toMatch(/^requirepass \$\$REDIS_PASSWORD$/m);
  });

  it('give NATS every password its users ask for, in quotes', () => {
    const wanted = [...textOf('deploy/nats.conf').matchAll(/password: \$(\w+)/g)].map(([, name]) => name);
    const { environment } = serviceOf('nats');
    expect(wanted.length).toBeGreaterThan(0);
    expect(Object.keys(environment ?? {}).sort()).toEqual(wanted.sort());
    for (const value of Object.values(environment ?? {})) expect(value).toMatch(/^"\$\{\w+:\?.*\}"$/);
  });
});

describe('a fresh .env', () => {
  it('has everything that is required, every secret different and long enough', () => {
    const required = new Set(
      [...textOf('docker-compose.yml').matchAll(/(?<!\$)\$\{(\w+):\?/g)].map(([, name]) => name),
    );
    const made = freshEnv();
    expect(Object.keys(made).sort()).toEqual([...required].sort());
    const { KEYWARD_OWNER_EMAIL: _email, ...secrets } = made;
    for (const value of Object.values(secrets)) expect(value).toMatch(/^[0-9a-f]{64}$/);
    expect(new Set(Object.values(secrets)).size).toBe(Object.keys(secrets).length);
    expect(freshEnv().KEYWARD_SECRET).not.toBe(made.KEYWARD_SECRET);
  });
});

describe('the catalogue it comes with', () => {
  it('is one that the policy service accepts, and needs no variable of Keyward’s own', () => {
    const { providers, models } = readCatalogueFile(
      fileURLToPath(new URL('../../deploy/catalogue.yaml', import.meta.url)),
    );
    expect(models.length).toBeGreaterThan(0);
    for (const { origin, credential_env } of providers) {
      expect(origin).toMatch(/^https:/);
      expect(credential_env).not.toMatch(/^KEYWARD_/);
    }
  });
});

function freshEnv(): Record<string, string> {
  const lines = execFileSync('sh', [fileURLToPath(new URL('../../deploy/make-env.sh', import.meta.url))], {
    encoding: 'utf8',
  });
  return Object.fromEntries(
    lines
      .trim()
      .split('\n')
      .map((line) => line.split('=') as [string, string]),
  );
}

/** What the container sees, with the variables put in as compose does it. */
function environmentOf(app: App): Record<string, string> {
  const given = freshEnv();
  return Object.fromEntries(
    Object.entries(serviceOf(app).environment ?? {}).map(([name, value]) => [
      name,
      value.replace(/\$\{(\w+)(?::([-?])([^}]*))?\}/g, (_all, variable: string, kind?: string, text = '') => {
        const found = given[variable] ?? (kind === '-' ? text : undefined);
        if (found === undefined) throw new Error(`${variable} is not set: ${text}`);
        return found;
      }),
    ]),
  );
}
