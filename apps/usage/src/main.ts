import 'reflect-metadata';
import { run } from '#runtime/run';
import { service } from '#runtime/service';
import { CONTRACT } from './contract.js';
import { USAGE_SETTINGS } from './settings.js';
import { UsageModule } from './usage.module.js';

export const start = service({
  name: 'usage',
  settings: USAGE_SETTINGS,
  contract: CONTRACT,
  module: (kit) => UsageModule.with(kit),
});

if (import.meta.main) await run(start);
