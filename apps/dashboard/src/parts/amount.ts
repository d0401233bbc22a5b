const GROUPED = /^-?\d{1,3}(,\d{3})+(\.\d+)?$/;

/**
 * An amount as people write it, “1,000.50”, as the contract knows it; null: nothing is written. Anything else stays as it
 * is, for the contract to refuse: nobody but who wrote “10,50” knows how much that is.
 */
export function amountOf(written: string): string | null {
  const text = written.trim();
  if (text === '') return null;
  return GROUPED.test(text) ? text.replaceAll(',', '') : text;
}
