/** The other half of servers-up.mjs. */
export default async function serversDown() {
  await globalThis.keywardServersDown?.();
}
