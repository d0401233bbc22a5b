import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Service, startServices } from '../scripts/services.mjs';

export interface OwnNats extends Service {
  /** What a lost volume looks like: the server is back, and remembers nothing. */
  loseData(): Promise<void>;
}

/** A NATS server for one suite alone, to be killed, frozen and robbed of its data. */
export async function ownNats(): Promise<OwnNats> {
  const dataDir = await mkdtemp(join(tmpdir(), 'keyward-nats-'));
  const { KEYWARD_TEST_POSTGRES_URL, KEYWARD_TEST_REDIS_URL, ...env } = process.env;
  const services = await startServices({
    dataDir,
    env: {
      ...env,
      KEYWARD_NATS_URL: undefined,
      KEYWARD_POSTGRES_URL: KEYWARD_TEST_POSTGRES_URL,
      KEYWARD_REDIS_URL: KEYWARD_TEST_REDIS_URL,
    },
  });
  return {
    ...services.nats,
    async loseData() {
      await services.nats.kill('SIGKILL');
      await rm(join(dataDir, 'nats', 'jetstream'), { recursive: true, force: true });
      await services.nats.restart();
    },
    async stop() {
      await services.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
