export default {
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': ['@swc/jest'] },
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  // Tests run from source: no build stands between an edit and its test.
  testEnvironmentOptions: { customExportConditions: ['source', 'node', 'node-addons'] },
  testMatch: ['<rootDir>/{apps,libs,test}/**/*.{spec,story}.ts'],
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/.keyward/'],
  setupFiles: ['reflect-metadata'],
  globalSetup: '<rootDir>/test/servers-up.mjs',
  globalTeardown: '<rootDir>/test/servers-down.mjs',
  maxWorkers: 2,
  testTimeout: 30_000,
};
