export interface Found {
  readonly command: string;
  readonly env: NodeJS.ProcessEnv;
}

/** Finds servers on this machine, or unpacks the distribution's packages. Throws where there is one it cannot get. */
export function findServers(
  names: readonly string[],
  env: NodeJS.ProcessEnv,
  report: (line: string) => void,
): Promise<Record<string, Found>>;
