/** Last time's ports where they are still free, else new ones; remembered in `<home>/ports.json`. */
export function choosePorts(
  home: string,
  names: readonly string[],
  preferred?: Record<string, number>,
): Promise<Record<string, number>>;
