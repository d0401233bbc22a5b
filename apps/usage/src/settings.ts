import { POSTGRES } from '#runtime/settings';

export const USAGE_SETTINGS = { ...POSTGRES };
