export function findChromium(env?: NodeJS.ProcessEnv): string | undefined;
export function installChromium(
  report: (line: string) => void,
  env?: NodeJS.ProcessEnv,
): { path: string; why?: undefined } | { path?: undefined; why: string };
