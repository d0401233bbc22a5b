/** Of the whole house: the four apps are released together. */
export const VERSION = '0.1.0';
