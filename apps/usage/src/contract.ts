import { BooksRpc } from '#contracts/books';
import { CreditsRpc } from '#contracts/credits';
import { EscrowRpc } from '#contracts/escrow';
import { ObservedRpc } from '#contracts/observed';
import { ReportsRpc } from '#contracts/reports';
import { ReservationsRpc } from '#contracts/reservations';
import { UsageRpc } from '#contracts/usage';

/** Everything this service answers to. */
export const CONTRACT = {
  ...UsageRpc,
  ...EscrowRpc,
  ...ReportsRpc,
  ...CreditsRpc,
  ...BooksRpc,
  ...ReservationsRpc,
  ...ObservedRpc,
};
