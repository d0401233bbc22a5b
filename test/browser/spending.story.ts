import { openHouse } from './browser.js';
import { deciding } from './chapters/deciding.js';
import { explaining } from './chapters/explaining.js';
import { lookingAtUsage } from './chapters/usage.js';

const house = openHouse();

// The sums are those of a house in which nothing was used before.
lookingAtUsage(house);
deciding(house);
explaining(house);
