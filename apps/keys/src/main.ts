import 'reflect-metadata';
import { run } from '#runtime/run';
import { service } from '#runtime/service';
import { CONTRACT } from './contract.js';
import { KeysModule } from './keys.module.js';
import { KEYS_SETTINGS } from './settings.js';
import { Tenancy } from './tenancy.js';

export const start = service({
  name: 'keys',
  settings: KEYS_SETTINGS,
  contract: CONTRACT,
  module: (kit) => KeysModule.with(kit),
  complete: (nest) => nest.get(Tenancy).complete,
});

if (import.meta.main) await run(start);
