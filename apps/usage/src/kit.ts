import type { Config, Kit } from '#runtime/app';
import type { USAGE_SETTINGS } from './settings.js';

export type UsageKit = Kit<Config<typeof USAGE_SETTINGS>>;

export const KIT = Symbol('kit');
