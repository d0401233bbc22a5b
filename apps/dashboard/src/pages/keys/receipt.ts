import type { Schemas } from '../../api/client.js';

/** How far a change has got, in a sentence. */
export function said({ gateways, acknowledged, slowest_ms }: Schemas['Receipt']): string {
  if (gateways === 0) return 'Gateways will refuse it within two seconds.';
  if (acknowledged < gateways)
    return `${acknowledged} of ${gateways} gateways refuse it already; the others will within two seconds.`;
  const all = gateways === 1 ? 'The gateway refuses' : `All ${gateways} gateways refuse`;
  return `${all} it already${slowest_ms === null ? '' : `, after ${slowest_ms} ms`}.`;
}
