import { Body, Controller, Delete, Get, Header, HttpCode, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { Session } from '#contracts/admin';
import { Acceptance, CreatedInvitation, InvitationPage, NewInvitation, PageQuery } from '#contracts/admin-people';
import { id } from '#contracts/fields';
import { PeopleRpc } from '#contracts/people';
import { BusClient, type CallOptions } from '#rpc/client';
import { Asking, originOf, PASSWORD_MILLISECONDS, tenantOf } from './call-options.js';
import { type Caller, Public, WhoAsks } from './caller.js';
import { Needs } from './needs.js';
import { pageOf } from './page.js';
import { SessionCookie } from './session-cookie.js';

@ApiTags('invitations')
@Needs('admin')
@Controller('api/invitations')
export class InvitationsHttp {
  constructor(
    private readonly client: BusClient,
    private readonly cookie: SessionCookie,
  ) {}

  @Post()
  // The token lets somebody in: a proxy between here and the client must not keep it.
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'Invite somebody. The reply holds the token they accept with, once.' })
  @ApiResponse({ status: 201, standardSchema: CreatedInvitation })
  inviteMember(
    @Body({ schema: NewInvitation }) body: z.output<typeof NewInvitation>,
    @WhoAsks() caller: Caller,
    @Asking() options: CallOptions,
  ) {
    return this.client.call(PeopleRpc.inviteMember, { ...tenantOf(caller), ...body }, options);
  }

  @Get()
  @ApiOperation({ summary: 'Who was invited, newest first.' })
  @ApiResponse({ status: 200, standardSchema: InvitationPage })
  async listInvitations(
    @Query({ schema: PageQuery }) query: PageQuery,
    @WhoAsks() caller: Caller,
    @Asking() options: CallOptions,
  ) {
    const asked = { ...tenantOf(caller), ...query };
    const { invitations, next_cursor } = await this.client.call(PeopleRpc.listInvitations, asked, options);
    return pageOf(invitations, next_cursor);
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({ summary: 'Take an invitation back.' })
  async revokeInvitation(
    @Param('id', { schema: id('invitation') }) invitation_id: string,
    @WhoAsks() caller: Caller,
    @Asking() options: CallOptions,
  ) {
    const asked = { ...tenantOf(caller), invitation_id };
    await this.client.call(PeopleRpc.revokeInvitation, asked, options);
  }

  @Post('accept')
  @Public()
  @HttpCode(200)
  @ApiOperation({ summary: 'Become a member with the token of an invitation, and sign in.' })
  @ApiResponse({ status: 200, standardSchema: Session })
  async acceptInvitation(
    @Body({ schema: Acceptance }) body: z.output<typeof Acceptance>,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const options = { origin: originOf(request), requestId: request.id, timeoutMs: PASSWORD_MILLISECONDS };
    const { session_id, member, expires_at } = await this.client.call(PeopleRpc.acceptInvitation, body, options);
    void reply.header('set-cookie', await this.cookie.write(session_id, member.id, new Date(expires_at)));
    return { member, expires_at };
  }
}
