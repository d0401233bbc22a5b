import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { findServers } from '../../../scripts/services/binaries.mjs';
import { eventually } from '../../eventually.js';

const SNAPSHOT = 'dump.rdb';
const KEPT = 'kept.rdb';

/** A Redis that writes nothing down by itself: what it remembers after a restart is for the test to say. */
export class RedisServer {
  private child?: ChildProcess;

  private constructor(
    private readonly dir: string,
    readonly port: number,
    private readonly more: readonly string[],
  ) {}

  static async start(dir: string, port: number, more: readonly string[] = []): Promise<RedisServer> {
    await mkdir(dir, { recursive: true });
    const server = new RedisServer(dir, port, more);
    await server.start();
    return server;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    const found = (await findServers(['redis-server'], process.env, () => {}))['redis-server'];
    if (!found) throw new Error('there is no redis-server');
    const args = `--bind 127.0.0.1 --port ${this.port} --dir ${this.dir} --dbfilename ${SNAPSHOT} --appendonly no
      --maxmemory-policy noeviction --repl-diskless-sync-delay 0`.split(/\s+/);
    this.child = spawn(found.command, [...args, '--save', '', ...this.more], { env: found.env, stdio: 'ignore' });
    await eventually(
      () => this.ask((redis) => redis.ping()).catch(() => ''),
      (answer) => answer === 'PONG',
      30_000,
    );
  }

  /** By a connection of its own, which is closed at once: servers come and go here. */
  async ask<T>(what: (redis: Redis) => Promise<T>): Promise<T> {
    const redis = new Redis(this.url, { retryStrategy: null, maxRetriesPerRequest: 0, commandTimeout: 5000 });
    redis.on('error', () => {});
    try {
      return await what(redis);
    } finally {
      redis.disconnect();
    }
  }

  async takeSnapshot(): Promise<void> {
    await this.ask((redis) => redis.save());
    await copyFile(join(this.dir, SNAPSHOT), join(this.dir, KEPT));
  }

  /** It comes back as it was at the snapshot. */
  async restartFromSnapshot(): Promise<void> {
    await this.kill();
    await copyFile(join(this.dir, KEPT), join(this.dir, SNAPSHOT));
    await this.start();
  }

  async restartEmpty(): Promise<void> {
    await this.kill();
    await rm(join(this.dir, SNAPSHOT), { force: true });
    await this.start();
  }

  /** Has everything the other has from here on, but for what is on its way. */
  async follow(other: RedisServer): Promise<void> {
    await this.ask((redis) => redis.replicaof('127.0.0.1', other.port));
    await eventually(
      () => this.ask((redis) => redis.info('replication')),
      (info) => info.includes('master_link_status:up'),
      30_000,
    );
  }

  async takeOver(): Promise<void> {
    await this.ask((redis) => redis.replicaof('NO', 'ONE'));
  }

  freeze(): void {
    this.child?.kill('SIGSTOP');
  }

  thaw(): void {
    this.child?.kill('SIGCONT');
  }

  async kill(): Promise<void> {
    const { child } = this;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }
}
