import type { Asked, CallContext, Serves } from '#contracts/rpc';
import { SessionsRpc } from '#contracts/sessions';
import { Serve } from '#rpc/serve';
import { ChangePassword } from './operations/change-password.js';
import { EndSession } from './operations/end-session.js';
import { GetSession } from './operations/get-session.js';
import { ListSessions } from './operations/list-sessions.js';
import { SignIn } from './operations/sign-in.js';
import { SignInExternally } from './operations/sign-in-externally.js';
import { SignOut } from './operations/sign-out.js';

type Calls = typeof SessionsRpc;

/** Sessions: one call of the contract, one operation behind it. */
@Serve(SessionsRpc)
export class SessionsHandlers implements Serves<Calls> {
  constructor(
    private readonly signInOperation: SignIn,
    private readonly signInExternallyOperation: SignInExternally,
    private readonly getSessionOperation: GetSession,
    private readonly listSessionsOperation: ListSessions,
    private readonly signOutOperation: SignOut,
    private readonly endSessionOperation: EndSession,
    private readonly changePasswordOperation: ChangePassword,
  ) {}

  signIn(request: Asked<Calls['signIn']>, context: CallContext) {
    return this.signInOperation.run(request, context);
  }

  signInExternally(request: Asked<Calls['signInExternally']>, context: CallContext) {
    return this.signInExternallyOperation.run(request, context);
  }

  getSession(request: Asked<Calls['getSession']>) {
    return this.getSessionOperation.run(request);
  }

  listSessions(request: Asked<Calls['listSessions']>, context: CallContext) {
    return this.listSessionsOperation.run(request, context);
  }

  signOut(request: Asked<Calls['signOut']>, context: CallContext) {
    return this.signOutOperation.run(request, context);
  }

  endSession(request: Asked<Calls['endSession']>, context: CallContext) {
    return this.endSessionOperation.run(request, context);
  }

  changePassword(request: Asked<Calls['changePassword']>, context: CallContext) {
    return this.changePasswordOperation.run(request, context);
  }
}
