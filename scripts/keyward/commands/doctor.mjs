import { readFileSync } from 'node:fs';
import { Failure } from '../failure.mjs';
import { factsOf, identityOf } from '../identity.mjs';

const { version: OURS } = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'));

/** Expiry is read from the server's clock; one that is further off than this makes people wonder. */
const SKEW_MS = 5000;

/** What could be wrong, asked in the order in which it would be. A part that nobody can ask from here is not guessed at. */
export const doctor = {
  summary: 'Is it there, are its parts well, do the credentials work, do clock and version agree?',
  async run({ api, output }) {
    const asked = performance.now();
    const { headers } = await api.ask('GET', '/livez');
    const took = Math.round(performance.now() - asked);
    const checks = [
      { check: 'reachable', result: 'ok', detail: `${api.url}, ${took} ms` },
      ...(await readiness(api)),
      await credentials(api),
      clock(headers.get('date')),
      await version(api),
    ];
    const failed = checks.filter(({ result }) => result === 'failed');
    const answer = { url: api.url, ok: failed.length === 0, checks };
    output.many(answer, checks, {
      CHECK: ({ check }) => check,
      RESULT: ({ result }) => result,
      DETAIL: ({ detail }) => detail,
    });
    if (failed.length) throw new Failure('refused', `not well: ${failed.map(({ check }) => check).join(', ')}`);
  },
};

/** `/readyz` of the gateway and, on the machine that runs them, of every service: NATS, Redis and Postgres are their parts. */
async function readiness(api) {
  const { gateway = api.url, ...others } = api.dev?.ops ?? {};
  const apps = Object.entries({ gateway, ...others });
  return (await Promise.all(apps.map(([app, url]) => partsOf(app, url)))).flat();
}

async function partsOf(app, url) {
  let health;
  try {
    const reply = await fetch(`${url}/readyz`, { redirect: 'manual', signal: AbortSignal.timeout(5000) });
    if (reply.status === 404)
      return [{ check: `${app} ready`, result: 'warning', detail: 'its probes are on a port of their own' }];
    health = await reply.json();
  } catch (error) {
    return [
      { check: `${app} ready`, result: 'failed', detail: `${url}/readyz: ${error.cause?.code ?? error.message}` },
    ];
  }
  const result = { ok: 'ok', degraded: 'warning' }[health.status] ?? 'failed';
  return [
    { check: `${app} ready`, result, detail: health.status },
    ...Object.entries(health.checks ?? {}).map(([part, { ok, essential, detail }]) => ({
      check: `${app}: ${part}`,
      result: ok ? 'ok' : essential ? 'failed' : 'warning',
      detail,
    })),
  ];
}

async function credentials(api) {
  try {
    const { credentials: kind, member, key, role, scopes = [] } = factsOf(await identityOf(api));
    return { check: 'credentials', result: 'ok', detail: `${kind}: ${member ?? key}, ${role ?? scopes.join(' ')}` };
  } catch (error) {
    return { check: 'credentials', result: 'failed', detail: error.message };
  }
}

/** The header is cut to a second, so half of one is added. */
function clock(date) {
  const skew = date ? Date.parse(date) + 500 - Date.now() : Number.NaN;
  if (Number.isNaN(skew))
    return { check: 'clock', result: 'warning', detail: 'the server does not say what time it is' };
  const detail = `${(Math.abs(skew) / 1000).toFixed(1)} s ${skew < 0 ? 'behind' : 'ahead of'} this machine`;
  return { check: 'clock', result: Math.abs(skew) > SKEW_MS ? 'failed' : 'ok', detail };
}

async function version(api) {
  const { ok, body } = await api.ask('GET', '/docs/openapi.json');
  const theirs = ok ? body.info?.version : undefined;
  if (!theirs) return { check: 'version', result: 'warning', detail: 'the server does not say which version it is' };
  return {
    check: 'version',
    result: theirs === OURS ? 'ok' : 'warning',
    detail: `server ${theirs}, this command ${OURS}`,
  };
}
