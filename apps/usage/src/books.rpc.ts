import { BooksRpc } from '#contracts/books';
import type { Asked, CallContext, Serves } from '#contracts/rpc';
import { Serve } from '#rpc/serve';
import { CheckBooks } from './operations/check-books.js';

@Serve(BooksRpc)
export class BooksHandlers implements Serves<typeof BooksRpc> {
  constructor(private readonly checkBooksOperation: CheckBooks) {}

  checkBooks(request: Asked<typeof BooksRpc.checkBooks>, context: CallContext) {
    return this.checkBooksOperation.run(request, context);
  }
}
