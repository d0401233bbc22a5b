import { readdirSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import type { IDeployment } from 'kubernetes-models/apps/v1';
import type { IHorizontalPodAutoscaler } from 'kubernetes-models/autoscaling/v2';
import type { INetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1';
import type { IPodDisruptionBudget } from 'kubernetes-models/policy/v1';
import type { IService } from 'kubernetes-models/v1';
import { documentsOf, textOf, yamlOf } from './files.js';
import { type Manifest, schemaError, unknownFields } from './kubernetes-schema.js';
import { APPS, type App, configOf, KNOWN } from './settings.js';

interface Kustomization {
  labels: { pairs: Record<string, string>; includeTemplates?: boolean }[];
  resources: string[];
  configMapGenerator: { name: string; literals: string[] }[];
  images: { name: string; newTag: string }[];
}

const kustomization = yamlOf<Kustomization>('k8s/base/kustomization.yaml');
const files = readdirSync(new URL('../../k8s/base/', import.meta.url)).filter((file) => file !== 'kustomization.yaml');
const manifests = files.flatMap((file) => documentsOf<Manifest>(`k8s/base/${file}`));
const all = <Kind>(kind: string) => manifests.filter((manifest) => manifest.kind === kind) as (Manifest & Kind)[];

const deploymentOf = (app: App) => {
  const found = all<IDeployment>('Deployment').find(({ metadata }) => metadata.name === `keyward-${app}`);
  const pod = found?.spec?.template.spec;
  const container = pod?.containers[0];
  if (!found?.spec || !pod || !container) throw new Error(`there is no Deployment keyward-${app}`);
  return { spec: found.spec, template: found.spec.template, pod, container };
};

describe('the manifests', () => {
  it('are all named by the kustomization, and it names no others', () => {
    expect([...kustomization.resources].sort()).toEqual(files.sort());
  });

  it.each(manifests.map((manifest) => [manifest.kind, manifest.metadata.name, manifest] as const))(
    '%s %s fits the schema of Kubernetes',
    async (_kind, _name, manifest) => {
      expect(await schemaError(manifest)).toBeUndefined();
    },
  );

  it('have no field that Kubernetes does not know', () => {
    expect(unknownFields(manifests)).toEqual([]);
  });

  it('are refused where they are wrong: the two checks above can fail', async () => {
    const [deployment] = all<IDeployment>('Deployment');
    const broken = structuredClone(deployment) as unknown as Manifest & { spec: Record<string, unknown> };
    broken.spec.replicas = 'two';
    expect(await schemaError(broken)).toMatch('replicas');
    const misspelt = structuredClone(deployment) as unknown as Manifest & { spec: Record<string, unknown> };
    misspelt.spec.strategi = {};
    expect(unknownFields([misspelt])).toEqual([expect.stringContaining('strategi')]);
    expect(await schemaError({ ...misspelt, kind: 'Deploymint' })).toMatch('Deploymint');
  });

  it('work in any namespace, and hold no secret', () => {
    for (const { metadata } of manifests) expect(metadata).not.toHaveProperty('namespace');
    expect(all('Secret')).toEqual([]);
    for (const file of ['kustomization.yaml', ...files])
      expect(textOf(`k8s/base/${file}`)).not.toMatch(/:\/\/[^/\s]*:[^/\s]*@/);
  });

  it('have a version that can be told, and it is never :latest', () => {
    expect(kustomization.images.map(({ name }) => name).sort()).toEqual(APPS.map((app) => `keyward-${app}`).sort());
    for (const { newTag } of kustomization.images) expect(newTag).toMatch(/^\d+\.\d+\.\d+$/);
    for (const app of APPS) expect(deploymentOf(app).container.image).toBe(`keyward-${app}`);
  });

  it('one Deployment, one ServiceAccount and one PodDisruptionBudget for each app', () => {
    const names = APPS.map((app) => `keyward-${app}`).sort();
    for (const kind of ['Deployment', 'ServiceAccount', 'PodDisruptionBudget']) {
      expect(
        all(kind)
          .map(({ metadata }) => metadata.name)
          .sort(),
      ).toEqual(names);
    }
    for (const account of all<{ automountServiceAccountToken?: boolean }>('ServiceAccount')) {
      expect(account.automountServiceAccountToken).toBe(false);
    }
    for (const { metadata, spec } of all<IPodDisruptionBudget>('PodDisruptionBudget')) {
      expect(spec?.selector?.matchLabels).toEqual({ 'app.kubernetes.io/name': metadata.name });
      expect(spec?.maxUnavailable).toBe(1);
    }
  });
});

describe.each(APPS)('the pods of %s', (app) => {
  const { spec, template, pod, container } = deploymentOf(app);

  it('are not root, cannot become it, and cannot write where nothing is to be written', () => {
    expect(pod.securityContext).toMatchObject({
      runAsNonRoot: true,
      runAsUser: 10001,
      seccompProfile: { type: 'RuntimeDefault' },
    });
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    expect(pod.containers).toHaveLength(1);
    expect(pod).not.toHaveProperty('initContainers');
    for (const host of ['hostNetwork', 'hostPID', 'hostIPC']) expect(pod).not.toHaveProperty(host);
    for (const volume of pod.volumes ?? []) expect(volume).not.toHaveProperty('hostPath');
  });

  it('have no token for the cluster', () => {
    expect(pod.automountServiceAccountToken).toBe(false);
    expect(pod.serviceAccountName).toBe(`keyward-${app}`);
  });

  it('are probed at the ops port, each probe for its own question', () => {
    const port = container.ports?.find(({ name }) => name === 'ops')?.containerPort;
    expect(port).toBe(9090);
    expect(container.startupProbe?.httpGet).toEqual({ path: '/startupz', port: 'ops' });
    expect(container.livenessProbe?.httpGet).toEqual({ path: '/livez', port: 'ops' });
    expect(container.readinessProbe?.httpGet).toEqual({ path: '/readyz', port: 'ops' });
  });

  it('say what they need, and are bounded in what they take', () => {
    expect(container.resources?.requests).toEqual({ cpu: expect.any(String), memory: expect.any(String) });
    expect(container.resources?.limits?.memory).toEqual(expect.any(String));
  });

  it('have a minute to end, and are spread over nodes and zones', () => {
    expect(pod.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(60);
    expect(pod.topologySpreadConstraints?.map(({ topologyKey }) => topologyKey).sort()).toEqual([
      'kubernetes.io/hostname',
      'topology.kubernetes.io/zone',
    ]);
  });

  it('are the ones their Deployment selects', () => {
    expect(template.metadata?.labels).toMatchObject(spec.selector.matchLabels ?? { none: 'at all' });
    expect(spec.selector.matchLabels).toEqual({ 'app.kubernetes.io/name': `keyward-${app}` });
  });

  it('are given settings that are known, secrets only by reference, and nothing for development', () => {
    for (const { name, value } of container.env ?? []) {
      expect(KNOWN).toContain(name);
      if (/SECRET|PASSWORD|_(NATS|POSTGRES|REDIS)_URL/.test(name)) expect(value).toBeUndefined();
    }
    for (const name of Object.keys(configMapsOf(app))) expect(KNOWN).toContain(name);
  });

  it('start with them', () => {
    expect(() => configOf(app, environmentOf(app))).not.toThrow();
    expect(environmentOf(app)).toMatchObject({ KEYWARD_HOST: '0.0.0.0', KEYWARD_OPS_PORT: '9090' });
  });
});

describe('the gateway', () => {
  const { spec, pod, container } = deploymentOf('gateway');

  it('keeps its spool where it may write', () => {
    expect(container.volumeMounts).toContainEqual({ name: 'spool', mountPath: '/var/lib/keyward/spool' });
    expect(pod.volumes).toContainEqual({ name: 'spool', emptyDir: expect.anything() });
    expect(container.volumeMounts?.map(({ mountPath }) => mountPath)).toContain('/tmp');
  });

  it('lets the load balancer look away before it ends', () => {
    expect(container.lifecycle?.preStop?.exec?.command).toEqual(['sleep', '5']);
  });

  it('is the only one with a Service, on the port it listens on', () => {
    const services = all<IService>('Service');
    expect(services.map(({ metadata }) => metadata.name)).toEqual(['keyward-gateway']);
    expect(services[0]?.spec?.ports).toEqual([{ name: 'http', port: 80, targetPort: 'http' }]);
    const port = container.ports?.find(({ name }) => name === 'http')?.containerPort;
    expect(String(port)).toBe(environmentOf('gateway').KEYWARD_PORT);
  });

  it('leaves its number to its autoscaler', () => {
    const [scaler] = all<IHorizontalPodAutoscaler>('HorizontalPodAutoscaler');
    expect(scaler?.spec?.scaleTargetRef.name).toBe('keyward-gateway');
    expect(scaler?.spec?.minReplicas).toBeGreaterThanOrEqual(2);
    expect(spec).not.toHaveProperty('replicas');
  });
});

describe('the network', () => {
  const policies = all<INetworkPolicy>('NetworkPolicy');
  const egressOf = (app: App) =>
    policies.filter(({ spec }) => selects(spec?.podSelector, app)).flatMap(({ spec }) => spec?.egress ?? []);
  const portsOf = (app: App) =>
    [...new Set(egressOf(app).flatMap(({ ports }) => (ports ?? []).map(({ port }) => port)))]
      .map(Number)
      .sort((a, b) => a - b);

  it('is closed for everything that has no rule', () => {
    const closed = policies.find(({ metadata }) => metadata.name === 'keyward-closed');
    expect(closed?.spec).toEqual({
      podSelector: { matchLabels: { 'app.kubernetes.io/part-of': 'keyward' } },
      policyTypes: ['Ingress', 'Egress'],
    });
    // The label it goes by is on every pod, because kustomize puts it there.
    expect(kustomization.labels).toEqual([
      { pairs: { 'app.kubernetes.io/part-of': 'keyward' }, includeTemplates: true },
    ]);
  });

  it('lets each app out to what it needs, and never to everything', () => {
    expect(portsOf('gateway')).toEqual([53, 443, 4222, 6379]);
    for (const app of ['keys', 'usage', 'policy'] as const) expect(portsOf(app)).toEqual([53, 4222, 5432, 6379]);
    for (const app of APPS) {
      for (const { to, ports } of egressOf(app)) {
        expect(to?.length).toBeGreaterThan(0);
        expect(ports?.length).toBeGreaterThan(0);
      }
    }
  });

  it('lets nobody in to the services, but for metrics', () => {
    for (const app of ['keys', 'usage', 'policy'] as const) {
      const ingress = policies
        .filter(({ spec }) => selects(spec?.podSelector, app))
        .flatMap(({ spec }) => spec?.ingress ?? []);
      expect(ingress.flatMap(({ ports }) => ports ?? [])).toEqual([{ protocol: 'TCP', port: 'ops' }]);
    }
  });

  it('keeps the gateway from private networks and from the metadata address', () => {
    const blocks = egressOf('gateway').flatMap(({ to }) => (to ?? []).flatMap(({ ipBlock }) => ipBlock ?? []));
    const except = blocks.flatMap((block) => block.except ?? []);
    for (const range of [
      '10.0.0.0/8',
      '172.16.0.0/12',
      '192.168.0.0/16',
      '169.254.0.0/16',
      '127.0.0.0/8',
      'fc00::/7',
      'fe80::/10',
    ]) {
      expect(except).toContain(range);
    }
  });
});

function selects(selector: NonNullable<INetworkPolicy['spec']>['podSelector'], app: App): boolean {
  const labels: Record<string, string> = {
    'app.kubernetes.io/part-of': 'keyward',
    'app.kubernetes.io/name': `keyward-${app}`,
  };
  return (
    Object.entries(selector?.matchLabels ?? {}).every(([key, value]) => labels[key] === value) &&
    (selector?.matchExpressions ?? []).every(({ key, operator, values }) => {
      expect(operator).toBe('In');
      return values?.includes(labels[key] ?? '');
    })
  );
}

function configMapsOf(app: App): Record<string, string> {
  const names = (deploymentOf(app).container.envFrom ?? []).flatMap(({ configMapRef }) => configMapRef?.name ?? []);
  const literals = names.flatMap((name) => {
    const found = kustomization.configMapGenerator.find((generated) => generated.name === name);
    if (!found) throw new Error(`nobody makes the ConfigMap ${name}`);
    return found.literals;
  });
  return Object.fromEntries(
    literals.map((literal) => [literal.slice(0, literal.indexOf('=')), literal.slice(literal.indexOf('=') + 1)]),
  );
}

/** What the container sees, with a Secret as the README of k8s/ makes it. */
function environmentOf(app: App): Record<string, string> {
  const secrets: Record<string, string> = {
    KEYWARD_NATS_URL: 'nats://user:password@nats:4222',
    KEYWARD_POSTGRES_URL: 'postgres://user:password@postgres:5432/keyward',
    KEYWARD_REDIS_URL: 'redis://:password@redis:6379',
    KEYWARD_SECRET: 'x'.repeat(32),
  };
  const given = (deploymentOf(app).container.env ?? []).flatMap(({ name, value, valueFrom }): [string, string][] => {
    const key = valueFrom?.secretKeyRef;
    if (!key) return [[name, value ?? '']];
    expect(key).toMatchObject({ name: `keyward-${app}`, key: name });
    if (key.optional) return [];
    if (!secrets[name]) throw new Error(`${name} is no secret of the README`);
    return [[name, secrets[name]]];
  });
  return { ...configMapsOf(app), ...Object.fromEntries(given) };
}
