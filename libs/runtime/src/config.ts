import { z } from 'zod';

export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** Parsed once, at boot, and every mistake named at once: nobody should have to fix settings one restart at a time. */
export function readConfig<Shape extends z.ZodRawShape>(
  shape: Shape,
  env: NodeJS.ProcessEnv,
): z.output<z.ZodObject<Shape>> {
  const given: Record<string, string> = {};
  // An empty variable is an unset one: compose files and charts write `NAME=` for "leave it".
  for (const name of Object.keys(shape)) if (env[name]) given[name] = env[name];
  const result = z.object(shape).safeParse(given);
  if (result.success) return result.data;
  const lines = result.error.issues.map((issue) => {
    const name = String(issue.path[0]);
    return `  ${name} ${name in given ? issue.message : 'is required'}`;
  });
  throw new ConfigError(`These settings are wrong:\n${lines.join('\n')}`);
}
