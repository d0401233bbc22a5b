/** Each alias with what it stands for in the end, so that nobody has to follow them later. */
export function resolveAliases(
  aliases: ReadonlyMap<string, string>,
  names: ReadonlySet<string>,
  problems: string[],
): Record<string, string> {
  const resolved: Record<string, string> = {};
  for (const [alias, target] of aliases) {
    let name: string | undefined = target;
    const seen = new Set([alias]);
    while (name !== undefined && aliases.has(name) && !seen.has(name)) {
      seen.add(name);
      name = aliases.get(name);
    }
    if (name !== undefined && names.has(name)) resolved[alias] = name;
    else if (name !== undefined && seen.has(name))
      problems.push(`models.${alias} is an alias that leads back to itself`);
    else problems.push(`models.${alias} is an alias of ${name}, which is not there`);
  }
  return resolved;
}
