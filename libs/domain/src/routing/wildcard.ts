/** Whether `text` is what the pattern describes, where `*` stands for any letters or none. No regular expression: those can hang. */
export function matchesWildcard(pattern: string, text: string): boolean {
  return wildcard(pattern)(text);
}

/** The same for a pattern that is asked about often: taken apart once. */
export function wildcard(pattern: string): (text: string) => boolean {
  const [first = '', ...rest] = pattern.split('*');
  const last = rest.pop();
  if (last === undefined) return (text) => text === pattern;
  return (text) => {
    if (!text.startsWith(first)) return false;
    let at = first.length;
    for (const part of rest) {
      const found = text.indexOf(part, at);
      if (found < 0) return false;
      at = found + part.length;
    }
    return text.length - last.length >= at && text.endsWith(last);
  };
}
