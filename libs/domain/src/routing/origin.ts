/** Where clouds tell a machine its own secrets: no provider is there. */
const LINK_LOCAL =
  /^(169\.254\.\d+\.\d+|\[fe[89ab][0-9a-f]:.*\]|\[::ffff:a9fe:[0-9a-f]+\]|metadata(\.google\.internal)?|instance-data)\.?$/;

/**
 * Whether a credential may be sent there: an http or https origin, a path of it at most. No user in it, which would be a
 * secret in a place that is shown; no query or fragment, which would swallow the path that is put behind it.
 */
export function isProviderOrigin(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password, hostname } = new URL(text);
  if (protocol !== 'https:' && protocol !== 'http:') return false;
  if (username || password || /[?#\s\\]/.test(text)) return false;
  return hostname !== '' && !LINK_LOCAL.test(hostname);
}
