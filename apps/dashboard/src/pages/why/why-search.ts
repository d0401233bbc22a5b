import { addressOf, words } from '../../parts/address.js';

export const whySearch = addressOf({
  id: words(64),
  key: words(64),
});
