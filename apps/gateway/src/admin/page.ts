/** A page as the admin API gives it; without a cursor it is the last one, or all there is. */
export function pageOf<Item>(data: readonly Item[], next_cursor: string | null = null) {
  return { data, has_more: next_cursor !== null, next_cursor };
}
