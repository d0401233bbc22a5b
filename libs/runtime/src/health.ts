/** How one part is doing. A part that is not essential degrades the app; one that is makes it not ready. */
interface Check {
  readonly essential: boolean;
  readonly probe: () => unknown | Promise<unknown>;
}

export interface Health {
  status: 'ok' | 'degraded' | 'failing' | 'starting' | 'stopping';
  checks: Record<string, { ok: boolean; essential: boolean; detail?: string }>;
}

const PROBE_MILLISECONDS = 800;

export class HealthBoard {
  private readonly checks = new Map<string, Check>();
  private phase: 'starting' | 'up' | 'stopping' = 'starting';

  watch(name: string, probe: Check['probe'], essential = true): void {
    this.checks.set(name, { probe, essential });
  }

  started(): void {
    this.phase = 'up';
  }

  stopping(): void {
    this.phase = 'stopping';
  }

  get isStarted(): boolean {
    return this.phase !== 'starting';
  }

  async read(): Promise<Health> {
    const entries = await Promise.all(
      [...this.checks].map(async ([name, check]) => [name, await verdict(check)] as const),
    );
    const checks = Object.fromEntries(entries);
    if (this.phase !== 'up') return { status: this.phase, checks };
    const failed = Object.values(checks).filter((check) => !check.ok);
    return { status: failed.some((check) => check.essential) ? 'failing' : failed.length ? 'degraded' : 'ok', checks };
  }
}

/** A probe that hangs is a probe that failed: the one asking has a time-out of its own. */
async function verdict({ probe, essential }: Check): Promise<Health['checks'][string]> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${PROBE_MILLISECONDS} ms`)), PROBE_MILLISECONDS);
  });
  try {
    await Promise.race([Promise.resolve().then(probe), late]);
    return { ok: true, essential };
  } catch (error) {
    return { ok: false, essential, detail: (error as Error).message };
  } finally {
    clearTimeout(timer);
  }
}
