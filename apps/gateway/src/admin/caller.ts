import {
  type CanActivate,
  createParamDecorator,
  type ExecutionContext,
  Inject,
  Injectable,
  SetMetadata,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { type Member } from '#contracts/people';
import { Refused } from '#contracts/refusals';
import { SessionsRpc } from '#contracts/sessions';
import { type Scope, scopesOf } from '#domain/access/scope';
import { digestOf } from '#domain/key/secret';
import { KeyDoor } from '#keyring/key-door';
import { refusalOf } from '#keyring/refusal-of';
import { SecretUses } from '#keyring/secret-uses';
import { BusClient } from '#rpc/client';
import { Clock } from '#runtime/clock';
import { credentialOf } from '../edge/credential.js';
import { type GatewayKit, KIT } from '../kit.js';
import { assertMay, neededBy } from './needs.js';
import { assertSameOrigin } from './same-origin.js';
import { SessionCookie } from './session-cookie.js';

/** Who is asking, what they may do, and what to tell the services of them: somebody who has signed in, or a key. */
export interface Caller {
  readonly organizationId: string;
  readonly actor: string;
  readonly scopes: readonly Scope[];
  readonly member: Member | null;
  readonly sessionId: string | null;
}

export interface Person extends Caller {
  readonly member: Member;
  readonly sessionId: string;
}

type WithCaller = FastifyRequest & { caller?: Caller };

const PUBLIC = Symbol('public');

/** A route that needs no sign-in. */
export const Public = () => SetMetadata(PUBLIC, true);

export const WhoAsks = createParamDecorator((_: unknown, context: ExecutionContext): Caller => callerOf(context));

/** For routes that are `@PeopleOnly()`. */
export const WhoSignedIn = createParamDecorator((_: unknown, context: ExecutionContext): Person => {
  const { member, sessionId, ...caller } = callerOf(context);
  if (!member || sessionId === null) throw new Refused('unauthenticated');
  return { ...caller, member, sessionId };
});

function callerOf(context: ExecutionContext): Caller {
  const { caller } = context.switchToHttp().getRequest<WithCaller>();
  if (!caller) throw new Refused('unauthenticated');
  return caller;
}

/** Every route of the admin API asks here first, unless it says it is public. */
@Injectable()
export class CallerGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly client: BusClient,
    private readonly cookie: SessionCookie,
    private readonly door: KeyDoor,
    private readonly uses: SecretUses,
    private readonly clock: Clock,
    @Inject(KIT) private readonly kit: GatewayKit,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<WithCaller>();
    if (this.reflector.getAllAndOverride<boolean>(PUBLIC, [context.getHandler(), context.getClass()])) {
      this.assertOwnPage(request);
      return true;
    }
    const caller = hasKey(request) ? await this.keyOf(request) : await this.personOf(request);
    assertMay(caller, neededBy(context, this.reflector));
    request.caller = caller;
    return true;
  }

  private async personOf(request: FastifyRequest): Promise<Caller> {
    this.assertOwnPage(request);
    const sessionId = await this.cookie.read(request.headers.cookie);
    if (!sessionId) throw new Refused('unauthenticated');
    const { member } = await this.client.call(SessionsRpc.getSession, { session_id: sessionId });
    return {
      organizationId: member.organization_id,
      actor: `member:${member.id}`,
      scopes: scopesOf(member.role),
      member,
      sessionId,
    };
  }

  /** No browser sends a key by itself, so it does not matter which page it came from. */
  private async keyOf(request: FastifyRequest): Promise<Caller> {
    const now = this.clock.now();
    const secret = credentialOf(request.raw);
    const digest = digestOf(secret);
    const key = this.door.peek(digest) ?? (await this.door.find(secret, digest, now));
    const refused = key ? refusalOf(key, now) : new Refused('invalid_api_key');
    if (!key || refused) throw refused;
    this.uses.note(key, now);
    return {
      organizationId: key.organization_id,
      actor: `key:${key.key_id}`,
      scopes: key.scopes,
      member: null,
      sessionId: null,
    };
  }

  private assertOwnPage({ method, headers }: FastifyRequest): void {
    if (method !== 'GET' && method !== 'HEAD') assertSameOrigin(headers, this.kit.config.KEYWARD_PUBLIC_URL);
  }
}

/** Another scheme than Bearer is somebody else's, a proxy's for example, and says nothing about the cookie beside it. */
function hasKey({ headers }: FastifyRequest): boolean {
  return headers['x-api-key'] !== undefined || /^bearer\b/i.test(headers.authorization ?? '');
}
