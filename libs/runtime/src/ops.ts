import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { HealthBoard } from './health.js';
import { scrub } from './log.js';

/** What operators and probes ask of every app: `/livez`, `/readyz`, `/startupz`, `/metrics`. */
export class Ops {
  readonly metrics = new Registry();

  constructor(
    service: string,
    private readonly health: HealthBoard,
  ) {
    this.metrics.setDefaultLabels({ service });
    collectDefaultMetrics({ register: this.metrics });
    new Gauge({
      ...{ name: 'keyward_check_ok', help: '1 for each line of /readyz that is well', registers: [this.metrics] },
      labelNames: ['check', 'essential'],
      async collect() {
        const { checks } = await health.read();
        for (const [check, { ok, essential }] of Object.entries(checks))
          this.set({ check, essential: String(essential) }, ok ? 1 : 0);
      },
    });
  }

  /** Answers an operator's question; false where it is none. */
  handle(request: IncomingMessage, response: ServerResponse): boolean {
    const answer = this.answers[request.url ?? ''];
    if (!answer) return false;
    answer().then(
      ({ status, type, body }) =>
        response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(body),
      () => response.writeHead(500).end(),
    );
    return true;
  }

  async listen(host: string, port: number): Promise<{ url: string; close(): Promise<void> }> {
    const server = createServer((request, response) => {
      if (!this.handle(request, response)) response.writeHead(404).end();
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, resolve);
    });
    const bound = (server.address() as AddressInfo).port;
    return {
      url: `http://${host}:${bound}`,
      close: () =>
        new Promise((resolve) => {
          server.close(() => resolve());
          server.closeAllConnections();
        }),
    };
  }

  private readonly answers: Record<string, () => Promise<{ status: number; type: string; body: string }>> = {
    // Alive is being able to answer at all: a dependency that is down is no reason to be killed.
    '/livez': async () => json(200, { status: 'ok' }),
    '/startupz': async () =>
      json(this.health.isStarted ? 200 : 503, { status: this.health.isStarted ? 'ok' : 'starting' }),
    '/readyz': async () => {
      const health = await this.health.read();
      return json(health.status === 'ok' || health.status === 'degraded' ? 200 : 503, health);
    },
    '/metrics': async () => ({ status: 200, type: this.metrics.contentType, body: await this.metrics.metrics() }),
  };
}

function json(status: number, body: unknown) {
  return { status, type: 'application/json', body: scrub(JSON.stringify(body)) };
}
