import { ObservedRpc } from '#contracts/observed';
import type { Asked, Serves } from '#contracts/rpc';
import { Serve } from '#rpc/serve';
import { CountObserved } from './operations/count-observed.js';

@Serve(ObservedRpc)
export class ObservedHandlers implements Serves<typeof ObservedRpc> {
  constructor(private readonly countObservedOperation: CountObserved) {}

  countObserved(request: Asked<typeof ObservedRpc.countObserved>) {
    return this.countObservedOperation.run(request);
  }
}
