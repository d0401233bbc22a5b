import { openHouse } from './browser.js';
import { finding } from './chapters/finding.js';
import { signingIn } from './chapters/signing-in.js';
import { lightAndDark, pagesOfAnyKind } from './chapters/states.js';
import { inTrouble } from './chapters/trouble.js';
import { paying } from './chapters/usage.js';

const house = openHouse();

pagesOfAnyKind(house);
finding(house);
signingIn(house);
lightAndDark(house);
inTrouble(house);
paying(house);
