/** Of a key or a project: what it spends under one spend epoch, altogether or in one window. */
export function bucketId(holder: string, spendEpoch: number, windowStart: string | null): string {
  return windowStart === null ? `${holder}/${spendEpoch}` : `${holder}/${spendEpoch}/${windowStart}`;
}

/** What an organization has paid in advance, by currency. */
export function creditsBucketId(organization: string, currency: string): string {
  return `${organization}/${currency}`;
}
