import type { Config, Kit } from '#runtime/app';
import type { GATEWAY_SETTINGS } from './settings.js';

type GatewayConfig = Config<typeof GATEWAY_SETTINGS>;
export type GatewayKit = Kit<GatewayConfig>;

export const KIT = Symbol('kit');
