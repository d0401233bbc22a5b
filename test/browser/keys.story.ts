import { openHouse } from './browser.js';
import { creating } from './chapters/creating.js';
import { byKeyboard } from './chapters/keyboard.js';
import { living } from './chapters/living.js';

const house = openHouse();

// Whoever has a keyboard only walks past every key there is: the fewer the better.
byKeyboard(house);
creating(house);
living(house);
