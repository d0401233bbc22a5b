import { addressOf, oneOf, words } from '../../parts/address.js';

export const modelSearch = addressOf({
  q: words(200),
  provider: words(64),
  price: oneOf(['free', 'paid', 'unpriced']),
});

export type ModelSearch = ReturnType<typeof modelSearch>;
