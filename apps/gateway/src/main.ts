import 'reflect-metadata';
import { app } from '#runtime/app';
import { run } from '#runtime/run';
import { openGateway } from './open.js';
import { GATEWAY_SETTINGS } from './settings.js';

export const start = app({ name: 'gateway', settings: GATEWAY_SETTINGS, open: openGateway });

if (import.meta.main) await run(start);
