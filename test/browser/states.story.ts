import { openHouse } from './browser.js';
import { lightAndDark, pagesOfAnyKind, signingIn } from './chapters/states.js';
import { inTrouble } from './chapters/trouble.js';

const house = openHouse();

pagesOfAnyKind(house);
signingIn(house);
lightAndDark(house);
inTrouble(house);
