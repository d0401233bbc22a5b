import type { House } from './house.js';

const LOOK_MILLISECONDS = 1000;

/** Looks how many keys the gateways let in by themselves: what nobody does is not put to the test. */
export class BusyWatch {
  most = 0;
  private readonly timer: NodeJS.Timeout;

  constructor(private readonly house: House) {
    this.timer = setInterval(() => this.look(), LOOK_MILLISECONDS);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private async look(): Promise<void> {
    const counts = await Promise.all(this.house.gateways.map(({ url }) => busyKeysOf(url)));
    this.most = Math.max(
      this.most,
      counts.reduce((sum, count) => sum + count, 0),
    );
  }
}

/** Of one that is away: none. */
async function busyKeysOf(url: string): Promise<number> {
  try {
    const reply = await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(LOOK_MILLISECONDS) });
    return Number(/^keyward_busy_keys\S* (\d+)$/m.exec(await reply.text())?.[1] ?? 0);
  } catch {
    return 0;
  }
}
