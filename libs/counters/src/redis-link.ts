import type { Redis } from 'ioredis';
import type { Log } from '#runtime/log';

const PROBE_MILLISECONDS = 250;

/**
 * Whether Redis can be asked, and which life of it that is. One command that did not come back is enough to stop asking: every
 * request would wait as long. It is asked again once it has said who it is.
 */
export class RedisLink {
  /** Its life: another one may know less than the one before. Null while it is away. */
  private life: string | null = null;
  private probing = false;
  private readonly timer: NodeJS.Timeout;
  /** Its clock against ours: the most it was ever seen ahead, which is the least it can be. */
  private ahead = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly redis: Redis,
    private readonly log: Log,
    private readonly onBack: () => void = () => {},
  ) {
    redis.on('ready', () => {
      this.life = null;
      void this.probe();
    });
    redis.on('close', () => {
      this.life = null;
    });
    this.timer = setInterval(() => {
      if (this.life === null) void this.probe();
    }, PROBE_MILLISECONDS);
    void this.probe();
  }

  get run(): string | null {
    return this.life;
  }

  trouble(error: unknown): void {
    if (this.life !== null) this.log.warn({ err: error }, 'redis does not answer: tills are kept here');
    this.life = null;
  }

  /** Until when a command that is sent now is waited for, at the latest, by Redis's clock. */
  latest(within: number): number {
    return this.ahead === Number.NEGATIVE_INFINITY
      ? Number.MAX_SAFE_INTEGER
      : Math.ceil(Date.now() + this.ahead + within);
  }

  saw(redisNow: number, isLate = false): void {
    const ahead = redisNow - Date.now();
    this.ahead = isLate ? ahead : Math.max(this.ahead, ahead);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private async probe(): Promise<void> {
    if (this.probing || this.redis.status !== 'ready') return;
    this.probing = true;
    try {
      const [server, replication] = await Promise.all([this.redis.info('server'), this.redis.info('replication')]);
      // Of a replica nothing is asked: what it says may be old.
      if (field(replication, 'role') !== 'master') return;
      this.ahead = Number.NEGATIVE_INFINITY;
      const [seconds, micros] = await this.redis.time();
      this.saw(Number(seconds) * 1000 + Math.floor(Number(micros) / 1000));
      this.life = `${field(server, 'run_id')}/${field(replication, 'master_replid')}`;
      this.onBack();
    } catch {
      // It is asked again.
    } finally {
      this.probing = false;
    }
  }
}

function field(info: string, name: string): string {
  return new RegExp(`^${name}:(.*)$`, 'm').exec(info)?.[1]?.trim() ?? '';
}
