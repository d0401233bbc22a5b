import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { compressed } from './compressed.mjs';

/** What `apps/gateway/src/dashboard.ts` puts in its place, anew for each page it hands out. */
const NONCE = '__NONCE__';
const folder = (path) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig(({ command }) => {
  // Whoever builds it, a test run as well: what people get is React without its checks, half as large.
  if (command === 'build') process.env.NODE_ENV = 'production';
  return settings(command);
});

const settings = (command) => ({
  root: folder('.'),
  // Our own libs are read from source, as in the tests.
  resolve: { conditions: ['source', 'module', 'browser', 'development|production'] },
  html: command === 'build' ? { cspNonce: NONCE } : {},
  build: {
    outDir: folder('../../dist/dashboard'),
    emptyOutDir: true,
    // The first ones that know light-dark(), so that it is not taken apart into what needs a script’s help.
    target: ['chrome123', 'edge123', 'firefox120', 'safari17.5'],
    // The Content-Security-Policy allows no data: URL.
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    rolldownOptions: {
      // Every file of the component library says “use client”, which means something to servers only.
      onwarn: (warning, warn) => warning.code === 'MODULE_LEVEL_DIRECTIVE' || warn(warning),
      output: {
        codeSplitting: {
          groups: [{ name: 'react', test: /node_modules[\\/](react|react-dom|scheduler)[\\/]/ }],
        },
      },
    },
  },
  plugins: [compressed()],
  server: command === 'serve' ? { proxy: proxy() } : {},
});

/** `npm run dev:dashboard` beside `npm start`: pages from here, everything else from the gateway that is running. */
function proxy() {
  const gateway = folder('../../.keyward/dev.json');
  // Who only looks at this file, like knip, has no gateway running.
  if (!existsSync(gateway)) return {};
  const { url } = JSON.parse(readFileSync(gateway, 'utf8'));
  // The gateway refuses what comes from another site; for it, this is its own.
  const target = { target: url, changeOrigin: true, headers: { origin: url } };
  return { '/api': target, '/v1': target, '/docs': target };
}
