import { openHouse } from './browser.js';
import { deciding, explaining } from './chapters/deciding.js';
import { lookingAtUsage, paying } from './chapters/usage.js';

const house = openHouse();

// The sums are those of a house in which nothing was used before.
lookingAtUsage(house);
paying(house);
deciding(house);
explaining(house);
