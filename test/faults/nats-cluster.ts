import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findServers } from '../../scripts/services/binaries.mjs';
import { choosePorts } from '../../scripts/services/ports.mjs';

const NODES = ['one', 'two', 'three'] as const;
type Node = (typeof NODES)[number];

export interface NatsCluster {
  /** All three, with commas between them. */
  readonly url: string;
  kill(node: Node): Promise<void>;
  start(node: Node): void;
  stop(): Promise<void>;
}

/** Three NATS servers that keep JetStream together. */
export async function startNatsCluster(): Promise<NatsCluster> {
  const dir = await mkdtemp(join(tmpdir(), 'keyward-nats-cluster-'));
  const found = (await findServers(['nats-server'], process.env, () => {}))['nats-server'];
  if (!found) throw new Error('there is no nats-server');
  const ports = await choosePorts(dir, [...NODES, ...NODES.map((node) => `route-${node}`)]);
  const routes = NODES.map((node) => `"nats://127.0.0.1:${ports[`route-${node}`]}"`).join(', ');
  const running = new Map<Node, ChildProcess>();
  const config = (node: Node) => join(dir, `${node}.conf`);
  for (const node of NODES)
    await writeFile(
      config(node),
      `listen: "127.0.0.1:${ports[node]}"
      server_name: ${node}
      jetstream { store_dir: ${JSON.stringify(join(dir, node))}, max_memory_store: 64MB, max_file_store: 1GB }
      cluster { name: keyward, listen: "127.0.0.1:${ports[`route-${node}`]}", routes: [${routes}] }\n`,
    );
  const cluster: NatsCluster = {
    url: NODES.map((node) => `nats://127.0.0.1:${ports[node]}`).join(','),
    start: (node) =>
      void running.set(node, spawn(found.command, ['--config', config(node)], { env: found.env, stdio: 'ignore' })),
    kill: async (node) => {
      const child = running.get(node);
      if (!child || !running.delete(node)) return;
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    },
    stop: async () => {
      await Promise.all(NODES.map((node) => cluster.kill(node)));
      await rm(dir, { recursive: true, force: true });
    },
  };
  for (const node of NODES) cluster.start(node);
  return cluster;
}
