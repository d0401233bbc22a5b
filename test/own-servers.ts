import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Services, startServices } from '../scripts/services.mjs';

/** Postgres, NATS and Redis for one suite alone, to be killed, frozen and brought back, with all they write in one folder. */
export async function ownServers(): Promise<Services & { readonly dataDir: string }> {
  const dataDir = await mkdtemp(join(tmpdir(), 'keyward-servers-'));
  const unset = { KEYWARD_POSTGRES_URL: undefined, KEYWARD_NATS_URL: undefined, KEYWARD_REDIS_URL: undefined };
  const services = await startServices({ dataDir, env: { ...process.env, ...unset }, postgres: { fsync: false } });
  return {
    ...services,
    dataDir,
    async stop() {
      await services.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
