import type { Config, Kit } from '#runtime/app';
import type { KEYS_SETTINGS } from './settings.js';

type KeysConfig = Config<typeof KEYS_SETTINGS>;
export type KeysKit = Kit<KeysConfig>;

export const KIT = Symbol('kit');
export const REDIS = Symbol('redis');
