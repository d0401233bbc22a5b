/**
 * How long a till, and what was taken from it, live without a sign of their owner. The bank and whoever spends must mean the
 * same by it, so all of it follows from the one lease that the bank gives. Milliseconds.
 */
export interface Leases {
  /** How long a till may spend after a grant. The bank counts from its reply, the till from before it asked. */
  readonly lease: number;
  /** How long a hold lives without a sign of its owner. Whoever can't extend a hold has to stop its request before. */
  readonly hold: number;
  /** Whoever finds a hold that is past its deadline has so long to settle it, before somebody else may. */
  readonly claim: number;
  /** Events of a lease's last requests are on their way for so long after its end. */
  readonly aftermath: number;
}

export function leasesOf(lease: number): Leases {
  return { lease, hold: (lease * 3) / 4, claim: lease / 4, aftermath: (lease * 5) / 6 };
}

export const USUAL_LEASES = leasesOf(60_000);
