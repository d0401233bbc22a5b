import type { Config, Kit } from '#runtime/app';
import type { POLICY_SETTINGS } from './settings.js';

export type PolicyConfig = Config<typeof POLICY_SETTINGS>;
export type PolicyKit = Kit<PolicyConfig>;

export const KIT = Symbol('kit');
