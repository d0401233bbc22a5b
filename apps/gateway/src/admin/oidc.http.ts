import { Controller, Get, Header, Inject, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { SignInMethods } from '#contracts/admin-people';
import { Refused } from '#contracts/refusals';
import { SessionsRpc } from '#contracts/sessions';
import { BusClient } from '#rpc/client';
import { type GatewayKit, KIT } from '../kit.js';
import { originOf } from './call-options.js';
import { Public } from './caller.js';
import { OidcCookie } from './oidc-cookie.js';
import { OidcProvider } from './oidc-provider.js';
import { SessionCookie } from './session-cookie.js';

const HERE = '/api/session/oidc';

@ApiTags('session')
@Controller('api/session')
export class OidcHttp {
  constructor(
    private readonly client: BusClient,
    private readonly session: SessionCookie,
    private readonly underWay: OidcCookie,
    /** Null where the installation has no provider. */
    @Inject(OidcProvider) private readonly provider: OidcProvider | null,
    @Inject(KIT) private readonly kit: GatewayKit,
  ) {}

  @Get('methods')
  @Public()
  @ApiOperation({ summary: 'Which ways there are to sign in.' })
  @ApiResponse({ status: 200, standardSchema: SignInMethods })
  getSignInMethods() {
    return { password: true, oidc: this.provider ? HERE : null };
  }

  @Get('oidc')
  @Public()
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'Sign in with the OpenID provider: sends the browser there.' })
  @ApiResponse({ status: 303, description: 'On to the provider.' })
  async beginOidc(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    const { url, underWay } = await this.there().begin(this.redirectUri(request));
    return reply.header('set-cookie', await this.underWay.write(underWay)).redirect(url.href, 303);
  }

  @Get('oidc/callback')
  @Public()
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'Where the OpenID provider sends people back to: signs them in.' })
  @ApiResponse({ status: 303, description: 'Signed in; on to the dashboard.' })
  async finishOidc(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    // Whatever comes of it, the same cookie never serves twice.
    void reply.header('set-cookie', this.underWay.clear());
    const underWay = await this.underWay.read(request.headers.cookie);
    if (!underWay)
      throw new Refused('unauthenticated', {
        message: 'This sign-in was begun elsewhere, or too long ago. Try again.',
      });
    const callback = new URL(this.redirectUri(request));
    callback.search = new URL(request.url, callback).search;
    const vouched = await this.there().finish(callback, underWay);
    const options = { origin: originOf(request), requestId: request.id };
    const { session_id, member, expires_at } = await this.client.call(SessionsRpc.signInExternally, vouched, options);
    const cookie = await this.session.write(session_id, member.id, new Date(expires_at));
    return reply.header('set-cookie', cookie).redirect('/', 303);
  }

  private there(): OidcProvider {
    if (!this.provider) throw new Refused('not_found', { message: 'Nobody signs in with an OpenID provider here.' });
    return this.provider;
  }

  private redirectUri({ protocol, host }: FastifyRequest): string {
    const { KEYWARD_PUBLIC_URL = `${protocol}://${host}` } = this.kit.config;
    return new URL(`${HERE}/callback`, KEYWARD_PUBLIC_URL).href;
  }
}
