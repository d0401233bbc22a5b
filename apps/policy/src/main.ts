import 'reflect-metadata';
import { run } from '#runtime/run';
import { service } from '#runtime/service';
import { CONTRACT } from './contract.js';
import { PolicyModule } from './policy.module.js';
import { POLICY_SETTINGS } from './settings.js';

export const start = service({
  name: 'policy',
  settings: POLICY_SETTINGS,
  contract: CONTRACT,
  module: (kit) => PolicyModule.with(kit),
});

if (import.meta.main) await run(start);
