import { Counter, Histogram, type Registry } from 'prom-client';
import type { UsageEvent } from '#contracts/usage';

const SECONDS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300];

/**
 * What passes here, in the numbers that people watch and are woken by. Counted when a request is over, when nobody waits
 * any more. Labels are what the installation chose itself: nothing a client may write makes a new series.
 */
export class Traffic {
  private readonly requests: (labels: string[]) => void;
  private readonly refusals: (labels: string[]) => void;
  private readonly firstByte: Histogram;

  constructor(private readonly registry: Registry) {
    const ends = ['endpoint', 'provider', 'outcome', 'status'];
    this.requests = this.count('keyward_requests_total', 'Requests that were forwarded, by how they ended', ends);
    this.refusals = this.count('keyward_refusals_total', 'Requests that were refused here', ['code', 'status']);
    this.firstByte = new Histogram({
      name: 'keyward_first_byte_seconds',
      help: 'From a request to the first byte of its answer',
      labelNames: ['provider'],
      buckets: SECONDS,
      registers: [registry],
    });
  }

  ended({ endpoint, provider, outcome, status, first_byte_ms }: UsageEvent): void {
    this.requests([endpoint, provider ?? '', outcome, String(status)]);
    if (first_byte_ms !== null) this.firstByte.observe({ provider: provider ?? '' }, first_byte_ms / 1000);
  }

  refused(code: string, status: number): void {
    this.refusals([code, String(status)]);
  }

  /** In a map, and told to the registry when it is read: labels by name cost as much as looking up a key, each time. */
  private count(name: string, help: string, labelNames: string[]): (labels: string[]) => void {
    const counts = new Map<string, number>();
    new Counter({
      ...{ name, help, labelNames, registers: [this.registry] },
      collect() {
        this.reset();
        for (const [series, count] of counts) this.inc(named(labelNames, series.split('\n')), count);
      },
    });
    return (labels) => {
      const series = labels.join('\n');
      counts.set(series, (counts.get(series) ?? 0) + 1);
    };
  }
}

function named(names: string[], values: string[]): Record<string, string> {
  return Object.fromEntries(names.map((name, index) => [name, values[index] ?? '']));
}
