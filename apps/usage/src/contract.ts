import { EscrowRpc } from '#contracts/escrow';
import { UsageRpc } from '#contracts/usage';

/** Everything this service answers to. */
export const CONTRACT = { ...UsageRpc, ...EscrowRpc };
