import { Body, Controller, Delete, Get, HttpCode, Post, Put, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { Session, SignIn } from '#contracts/admin';
import { NewPassword } from '#contracts/admin-people';
import { SessionsRpc } from '#contracts/sessions';
import { BusClient, type CallOptions } from '#rpc/client';
import { Asking, originOf, PASSWORD_MILLISECONDS } from './call-options.js';
import { type Person, Public, WhoSignedIn } from './caller.js';
import { PeopleOnly } from './needs.js';
import { SessionCookie } from './session-cookie.js';

@ApiTags('session')
@PeopleOnly()
@Controller('api/session')
export class SessionHttp {
  constructor(
    private readonly client: BusClient,
    private readonly cookie: SessionCookie,
  ) {}

  @Post()
  @Public()
  @HttpCode(200)
  @ApiOperation({ summary: 'Sign in. The session comes as the cookie `token`.' })
  @ApiResponse({ status: 200, standardSchema: Session })
  async signIn(
    @Body({ schema: SignIn }) body: z.output<typeof SignIn>,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const options = { origin: originOf(request), requestId: request.id, timeoutMs: PASSWORD_MILLISECONDS };
    const asked = { ...body, ip: request.ip };
    const { session_id, expires_at, member } = await this.client.call(SessionsRpc.signIn, asked, options);
    void reply.header('set-cookie', await this.cookie.write(session_id, member.id, new Date(expires_at)));
    return { member, expires_at };
  }

  @Get()
  @ApiOperation({ summary: 'Who am I?' })
  @ApiResponse({ status: 200, standardSchema: Session })
  async getSession(@WhoSignedIn() { sessionId }: Person, @Asking() options: CallOptions) {
    const { member, expires_at } = await this.client.call(SessionsRpc.getSession, { session_id: sessionId }, options);
    return { member, expires_at };
  }

  @Delete()
  @HttpCode(204)
  @ApiOperation({ summary: 'Sign out: the session ends, wherever its cookie may be.' })
  async signOut(
    @WhoSignedIn() { sessionId }: Person,
    @Asking() options: CallOptions,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    await this.client.call(SessionsRpc.signOut, { session_id: sessionId }, options);
    void reply.header('set-cookie', this.cookie.clear());
  }

  @Put('password')
  @HttpCode(204)
  @ApiOperation({ summary: 'Change my password; every other session of mine ends.' })
  async changePassword(
    @Body({ schema: NewPassword }) body: z.output<typeof NewPassword>,
    @WhoSignedIn() { sessionId }: Person,
    @Asking() options: CallOptions,
  ) {
    const asked = { session_id: sessionId, ...body };
    await this.client.call(SessionsRpc.changePassword, asked, { ...options, timeoutMs: PASSWORD_MILLISECONDS });
  }
}
