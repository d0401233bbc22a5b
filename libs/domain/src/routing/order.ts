/** What decides on the order; lower priorities first, heavier weights more often. */
export interface Ranked {
  readonly priority: number;
  readonly weight: number;
}

/** All routes in the order to try them. One `random` in [0, 1) decides everything: the same number, the same order. */
export function inOrder<Route extends Ranked>(routes: readonly Route[], random: number): Route[] {
  const priorities = [...new Set(routes.map(({ priority }) => priority))].sort((a, b) => a - b);
  return priorities.flatMap((priority) =>
    drawn(
      routes.filter((route) => route.priority === priority),
      random,
    ),
  );
}

/** Draws one after the other, each with a chance of its weight among those that are left. */
function drawn<Route extends Ranked>(routes: readonly Route[], random: number): Route[] {
  const left = [...routes];
  const order: Route[] = [];
  let chance = random;
  while (left.length > 1) {
    const total = left.reduce((sum, { weight }) => sum + weight, 0);
    if (total === 0) break;
    let point = chance * total;
    let index = left.findIndex(({ weight }) => {
      if (point < weight) return true;
      point -= weight;
      return false;
    });
    // Only rounding leads past the end.
    if (index < 0) index = left.findLastIndex(({ weight }) => weight > 0);
    const [route] = left.splice(index, 1) as [Route];
    order.push(route);
    // Where in its own stretch the point fell is as random as the point was: it draws the next one.
    chance = Math.min(Math.max(point / route.weight, 0), 1 - Number.EPSILON);
  }
  return [...order, ...left];
}
