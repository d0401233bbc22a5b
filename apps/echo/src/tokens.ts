/** The longest piece of a word: a wall of one letter must not pass for a single token. */
const PIECE = 12;

/**
 * A whole word up to twelve letters, digits or underscores, or one other sign, each with the white space before it.
 * White space at the very end is a piece of its own.
 */
const TOKEN = new RegExp(String.raw`\s*(?:[\p{L}\p{N}\p{M}_]{1,${PIECE}}|[^\s\p{L}\p{N}\p{M}_])|\s+$`, 'gu');

/**
 * Our own way to cut a text, the same on every machine and in every year: tests state exact counts and costs by it.
 * The pieces joined are the text again, so an answer that is streamed piece by piece arrives unchanged.
 */
export function tokenize(text: string): string[] {
  return text.match(TOKEN) ?? [];
}

export function countTokens(text: string): number {
  return tokenize(text).length;
}
