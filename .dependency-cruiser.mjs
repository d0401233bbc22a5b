/** Imports run one way: domain ← contracts ← rpc, runtime ← apps. Apps meet only in contracts. */
const layer = (name) => `^libs/${name}/`;

export default {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'domain-is-pure',
      comment: 'The domain imports itself, zod and node:crypto: no framework, no I/O.',
      severity: 'error',
      from: { path: layer('domain'), pathNot: '\\.spec\\.ts$' },
      to: { pathNot: [layer('domain'), 'node_modules/zod/', '^crypto$', '^node:crypto$'] },
    },
    {
      name: 'contracts-know-only-the-domain',
      severity: 'error',
      from: { path: layer('contracts'), pathNot: '\\.spec\\.ts$' },
      to: { pathNot: [layer('contracts'), layer('domain'), 'node_modules/zod/'] },
    },
    {
      name: 'rpc-knows-no-runtime',
      severity: 'error',
      from: { path: layer('rpc') },
      to: { path: [layer('runtime'), '^apps/'] },
    },
    { name: 'libs-know-no-app', severity: 'error', from: { path: '^libs/' }, to: { path: '^apps/' } },
    {
      name: 'apps-meet-only-in-contracts',
      severity: 'error',
      from: { path: '^apps/([^/]+)/' },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    {
      name: 'only-the-gateway-speaks-to-providers',
      severity: 'error',
      from: { path: '^apps/(keys|usage|policy)/' },
      to: { path: 'node_modules/undici/' },
    },
    {
      name: 'nothing-imports-a-test',
      severity: 'error',
      from: { pathNot: '\\.(spec|story)\\.ts$|^test/' },
      to: { path: '\\.(spec|story)\\.ts$|^test/' },
    },
    {
      name: 'nothing-unresolved',
      comment: 'What a build makes is not there on a fresh clone; benchmarks build first.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '(^|/)dist/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      conditionNames: ['source', 'import', 'node', 'default'],
      exportsFields: ['exports'],
    },
  },
};
