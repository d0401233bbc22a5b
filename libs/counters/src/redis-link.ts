import type { Redis } from 'ioredis';
import type { Log } from '#runtime/log';

const PROBE_MILLISECONDS = 250;
/** By then every gateway has found out that it is back, and has told what it let in meanwhile. */
const SETTLING_MILLISECONDS = 2 * PROBE_MILLISECONDS;

/**
 * Whether Redis can be asked, and which life of it that is. One command that did not come back is enough to stop asking: every
 * request would wait as long. It is asked again once it has said who it is.
 */
export class RedisLink {
  /** Its life: another one may know less than the one before. Null while it is away. */
  private life: string | null = null;
  private since = 0;
  /** How often it was lost, and how often it was there again. */
  losses = 0;
  returns = 0;
  private probing = false;
  private readonly timer: NodeJS.Timeout;
  /** Its clock against ours: the most it was ever seen ahead, which is the least it can be. */
  private ahead = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly redis: Redis,
    private readonly log: Log,
    private readonly onBack: () => void = () => {},
    private readonly onSettled: () => void = () => {},
  ) {
    redis.on('ready', () => {
      this.lose();
      void this.probe();
    });
    redis.on('close', () => this.lose());
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
    this.lose();
  }

  /** It has just come back: others may not have told it yet what they let in. */
  get isSettling(): boolean {
    return this.returns > 1 && Date.now() < this.since + SETTLING_MILLISECONDS;
  }

  /** Milliseconds its clock is ahead of ours, as far as we know. */
  get clockAhead(): number {
    return this.ahead === Number.NEGATIVE_INFINITY ? 0 : this.ahead;
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

  private lose(): void {
    if (this.life !== null) this.losses++;
    this.life = null;
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
      this.returns++;
      this.since = Date.now();
      this.onBack();
      setTimeout(this.onSettled, SETTLING_MILLISECONDS).unref();
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
