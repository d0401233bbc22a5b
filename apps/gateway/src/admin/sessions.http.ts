import { Controller, Delete, Get, HttpCode, Param, Res } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { SessionPage } from '#contracts/admin-people';
import { id } from '#contracts/fields';
import { SessionsRpc } from '#contracts/sessions';
import { BusClient, type CallOptions } from '#rpc/client';
import { Asking, tenantOf } from './call-options.js';
import { type Person, WhoSignedIn } from './caller.js';
import { PeopleOnly } from './needs.js';
import { pageOf } from './page.js';
import { SessionCookie } from './session-cookie.js';

@ApiTags('session')
@PeopleOnly()
@Controller('api/sessions')
export class SessionsHttp {
  constructor(
    private readonly client: BusClient,
    private readonly cookie: SessionCookie,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Where I am signed in.' })
  @ApiResponse({ status: 200, standardSchema: SessionPage })
  async listSessions(@WhoSignedIn() { member, sessionId }: Person, @Asking() options: CallOptions) {
    const asked = {
      organization_id: member.organization_id,
      member_id: member.id,
      current_session_id: sessionId,
    };
    const { sessions } = await this.client.call(SessionsRpc.listSessions, asked, options);
    return pageOf(sessions);
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({ summary: 'End a session: my own, or, for those who manage people, another’s.' })
  async endSession(
    @Param('id', { schema: id('session') }) session_id: string,
    @WhoSignedIn() caller: Person,
    @Asking() options: CallOptions,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    await this.client.call(SessionsRpc.endSession, { ...tenantOf(caller), session_id }, options);
    if (session_id === caller.sessionId) void reply.header('set-cookie', this.cookie.clear());
  }
}
