/**
 * How long the bank takes for a grant, and the ledger for the settlement of 500 events, with a thousand buckets and with a
 * million: each with a till and a slice. `npm run bench:bank`.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startServices } from '../scripts/services.mjs';
import { build } from '../scripts/start/build.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SIZES = [1000, 1_000_000];
const GRANTS = 1500;
const SETTLEMENTS = 20;
const EVENTS = 500;
const AT_ONCE = 8;
const ORGANIZATION = `org_${'0'.repeat(26)}`;
const PROJECT = `prj_${'0'.repeat(26)}`;

await build(ROOT);
const { openStore } = await import('../dist/apps/usage/src/store/open-store.js');
const { USUAL_LEASES } = await import('../dist/libs/domain/src/budget/leases.js');
const { GrantSlices } = await import('../dist/apps/usage/src/operations/grant-slices.js');
const { settle } = await import('../dist/apps/usage/src/bank/settle.js');

const dataDir = mkdtempSync(join(tmpdir(), 'keyward-bench-'));
const services = await startServices({
  dataDir,
  env: { PATH: process.env.PATH },
  report: (line) => process.stderr.write(`${line}\n`),
});
const silent = { warn() {}, info() {}, error() {} };
const db = await openStore(services.postgres.url, /** @type {never} */ (silent), AT_ONCE, 120_000);
try {
  const grants = new GrantSlices(db, USUAL_LEASES);
  process.stdout.write(`${cpus()[0]?.model}, ${availableParallelism()} cores, Node ${process.version}\n`);
  let there = 0;
  for (const size of SIZES) {
    await insert(there, size);
    there = size;
    await grantMany(grants, size, 200, 1);
    const one = await grantMany(grants, size, GRANTS, 1);
    const many = await grantMany(grants, size, GRANTS, AT_ONCE);
    const settled = await settleMany(size);
    process.stdout.write(
      `${size} buckets: grant p50 ${one.p50} ms, p99 ${one.p99} ms; ${AT_ONCE} at once ${many.rate}/s; ` +
        `${EVENTS} events settled p50 ${settled.p50} ms\n`,
    );
  }
} finally {
  await db.destroy();
  await services.stop();
  rmSync(dataDir, { recursive: true, force: true });
}

/** @param {number} number */
function keyOf(number) {
  return `key_${String(number).padStart(26, '0')}`;
}

/** @param {number} from @param {number} to */
async function insert(from, to) {
  const key = `'key_' || lpad(n::text, 26, '0')`;
  const rows = `generate_series(${from}, ${to - 1}) AS n`;
  await db.query(
    `INSERT INTO bucket (id, organization_id, settled, granted, limit_nanos) SELECT ${key} || '/0', '${ORGANIZATION}', 0, 1000, 9000000000000 FROM ${rows}`,
  );
  await db.query(
    `INSERT INTO till (key_id, till, epoch, organization_id, run, opened_at, lease_until)
     SELECT ${key}, 'redis', 7, '${ORGANIZATION}', 'run', now(), now() + interval '1 hour' FROM ${rows}`,
  );
  await db.query(`INSERT INTO slice SELECT ${key}, 'redis', 7, ${key} || '/0', 1000 FROM ${rows}`);
  await db.query('VACUUM ANALYZE');
}

/** @param {InstanceType<typeof GrantSlices>} grants @param {number} size @param {number} count @param {number} atOnce */
async function grantMany(grants, size, count, atOnce) {
  /** @type {number[]} */
  const times = [];
  const started = performance.now();
  let left = count;
  const worker = async () => {
    while (left-- > 0) {
      const key_id = keyOf(Math.floor(Math.random() * size));
      const asked = { need_nanos: '100', want_nanos: '0', returned_nanos: '50', limit_nanos: '9000000000000' };
      const from = performance.now();
      const reply = await grants.run({
        organization_id: ORGANIZATION,
        project_id: PROJECT,
        key_id,
        till: 'redis',
        run: 'run',
        epoch: 7,
        revision: 1,
        buckets: [{ bucket: `${key_id}/0`, ...asked }],
      });
      if (reply.outcome !== 'granted' || reply.epoch !== 7) throw new Error(JSON.stringify(reply));
      times.push(performance.now() - from);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return { ...quantiles(times), rate: Math.round((count / (performance.now() - started)) * 1000) };
}

/** @param {number} size */
async function settleMany(size) {
  /** @type {number[]} */
  const times = [];
  for (let round = 0; round < SETTLEMENTS; round++) {
    const events = Array.from({ length: EVENTS }, () => ({
      organization_id: ORGANIZATION,
      project_id: PROJECT,
      key_id: keyOf(Math.floor(Math.random() * size)),
      spend_epoch: 0,
      window_start: null,
      project_spend_epoch: 0,
      project_window_start: null,
      own_key: false,
      prepaid: false,
      currency: 'USD',
      cost_nanos: '10',
      hold: { till: 'redis', epoch: 7 },
    }));
    const from = performance.now();
    await db.transaction((/** @type {import('typeorm').EntityManager} */ tx) => settle(tx, events));
    times.push(performance.now() - from);
  }
  return quantiles(times);
}

/** @param {number[]} times */
function quantiles(times) {
  const sorted = times.sort((a, b) => a - b);
  const at = (/** @type {number} */ part) => (sorted[Math.floor(part * (sorted.length - 1))] ?? 0).toFixed(2);
  return { p50: at(0.5), p99: at(0.99) };
}
