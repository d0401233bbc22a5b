import 'reflect-metadata';
import { PolicyRpc } from '#contracts/policy';
import { run } from '#runtime/run';
import { service } from '#runtime/service';
import { PolicyModule } from './policy.module.js';
import { POLICY_SETTINGS } from './settings.js';

export const start = service({
  name: 'policy',
  settings: POLICY_SETTINGS,
  contract: PolicyRpc,
  module: (kit) => PolicyModule.with(kit),
});

if (import.meta.main) await run(start);
