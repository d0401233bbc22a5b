import { KeysRpc } from '#contracts/keys';
import type { Asked, CallContext, Serves } from '#contracts/rpc';
import { Serve } from '#rpc/serve';
import { BatchKeys } from './operations/batch-keys.js';
import { CreateKey } from './operations/create-key.js';
import { DeleteKey } from './operations/delete-key.js';
import { DisableKey } from './operations/disable-key.js';
import { EnableKey } from './operations/enable-key.js';
import { FinishRotation } from './operations/finish-rotation.js';
import { GetKey } from './operations/get-key.js';
import { ListChanges } from './operations/list-changes.js';
import { ListKeys } from './operations/list-keys.js';
import { ReportLeak } from './operations/report-leak.js';
import { ResetUsage } from './operations/reset-usage.js';
import { ResolveKey } from './operations/resolve-key.js';
import { RotateKey } from './operations/rotate-key.js';
import { UpdateKey } from './operations/update-key.js';
import { VerifyKey } from './operations/verify-key.js';

type Calls = typeof KeysRpc;

/** Keys: one call of the contract, one operation behind it. */
@Serve(KeysRpc)
export class KeysHandlers implements Serves<Calls> {
  constructor(
    private readonly createKeyOperation: CreateKey,
    private readonly getKeyOperation: GetKey,
    private readonly listKeysOperation: ListKeys,
    private readonly updateKeyOperation: UpdateKey,
    private readonly enableKeyOperation: EnableKey,
    private readonly disableKeyOperation: DisableKey,
    private readonly deleteKeyOperation: DeleteKey,
    private readonly rotateKeyOperation: RotateKey,
    private readonly finishRotationOperation: FinishRotation,
    private readonly resetUsageOperation: ResetUsage,
    private readonly reportLeakOperation: ReportLeak,
    private readonly batchKeysOperation: BatchKeys,
    private readonly verifyKeyOperation: VerifyKey,
    private readonly resolveKeyOperation: ResolveKey,
    private readonly listChangesOperation: ListChanges,
  ) {}

  createKey(request: Asked<Calls['createKey']>, context: CallContext) {
    return this.createKeyOperation.run(request, context);
  }

  getKey(request: Asked<Calls['getKey']>) {
    return this.getKeyOperation.run(request);
  }

  listKeys(request: Asked<Calls['listKeys']>) {
    return this.listKeysOperation.run(request);
  }

  updateKey(request: Asked<Calls['updateKey']>, context: CallContext) {
    return this.updateKeyOperation.run(request, context);
  }

  enableKey(request: Asked<Calls['enableKey']>, context: CallContext) {
    return this.enableKeyOperation.run(request, context);
  }

  disableKey(request: Asked<Calls['disableKey']>, context: CallContext) {
    return this.disableKeyOperation.run(request, context);
  }

  deleteKey(request: Asked<Calls['deleteKey']>, context: CallContext) {
    return this.deleteKeyOperation.run(request, context);
  }

  rotateKey(request: Asked<Calls['rotateKey']>, context: CallContext) {
    return this.rotateKeyOperation.run(request, context);
  }

  finishRotation(request: Asked<Calls['finishRotation']>, context: CallContext) {
    return this.finishRotationOperation.run(request, context);
  }

  resetUsage(request: Asked<Calls['resetUsage']>, context: CallContext) {
    return this.resetUsageOperation.run(request, context);
  }

  reportLeak(request: Asked<Calls['reportLeak']>, context: CallContext) {
    return this.reportLeakOperation.run(request, context);
  }

  batchKeys(request: Asked<Calls['batchKeys']>, context: CallContext) {
    return this.batchKeysOperation.run(request, context);
  }

  verifyKey(request: Asked<Calls['verifyKey']>) {
    return this.verifyKeyOperation.run(request);
  }

  resolveKey(request: Asked<Calls['resolveKey']>) {
    return this.resolveKeyOperation.run(request);
  }

  listChanges(request: Asked<Calls['listChanges']>) {
    return this.listChangesOperation.run(request);
  }
}
