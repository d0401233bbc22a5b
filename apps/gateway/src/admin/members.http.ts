import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Query } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { MemberChange, MemberPage, PageQuery, SessionPage } from '#contracts/admin-people';
import { id } from '#contracts/fields';
import { member as memberSchema, PeopleRpc } from '#contracts/people';
import { SessionsRpc } from '#contracts/sessions';
import { BusClient, type CallOptions } from '#rpc/client';
import { Asking, tenantOf } from './call-options.js';
import { type Caller, WhoAsks } from './caller.js';
import { Etag, IfMatch } from './etag.js';
import { Needs } from './needs.js';
import { pageOf } from './page.js';

const memberId = id('member');

@ApiTags('members')
// Of people, the service decides: everybody may see the others, and change their own name.
@Needs('admin', 'read')
@Controller('api/members')
export class MembersHttp {
  constructor(private readonly client: BusClient) {}

  @Get()
  @ApiOperation({ summary: 'The people of the organization, oldest first.' })
  @ApiResponse({ status: 200, standardSchema: MemberPage })
  async listMembers(
    @Query({ schema: PageQuery }) query: PageQuery,
    @WhoAsks() caller: Caller,
    @Asking() options: CallOptions,
  ) {
    const asked = { ...tenantOf(caller), ...query };
    const { members, next_cursor } = await this.client.call(PeopleRpc.listMembers, asked, options);
    return pageOf(members, next_cursor);
  }

  @Get(':id')
  @Etag()
  @ApiOperation({ summary: 'One member.' })
  @ApiResponse({ status: 200, standardSchema: memberSchema })
  getMember(
    @Param('id', { schema: memberId }) member_id: string,
    @WhoAsks() caller: Caller,
    @Asking() options: CallOptions,
  ) {
    return this.client.call(PeopleRpc.getMember, { ...tenantOf(caller), member_id }, options);
  }

  @Get(':id/sessions')
  @ApiOperation({ summary: 'Where a member is signed in: for them, and for those who manage them.' })
  @ApiResponse({ status: 200, standardSchema: SessionPage })
  async listMemberSessions(
    @Param('id', { schema: memberId }) member_id: string,
    @WhoAsks() caller: Caller,
    @Asking() options: CallOptions,
  ) {
    const asked = { ...tenantOf(caller), member_id, current_session_id: caller.sessionId ?? undefined };
    const { sessions } = await this.client.call(SessionsRpc.listSessions, asked, options);
    return pageOf(sessions);
  }

  @Patch(':id')
  @Etag()
  @ApiOperation({ summary: 'Change a member’s name or role. The last owner stays one.' })
  @ApiResponse({ status: 200, standardSchema: memberSchema })
  updateMember(
    @Param('id', { schema: memberId }) member_id: string,
    @Body({ schema: MemberChange }) body: z.output<typeof MemberChange>,
    @WhoAsks() caller: Caller,
    @IfMatch() expected_revision: number | undefined,
    @Asking() options: CallOptions,
  ) {
    const asked = { ...tenantOf(caller), member_id, expected_revision, ...body };
    return this.client.call(PeopleRpc.updateMember, asked, options);
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({ summary: 'Remove a member: all their sessions end at once. Keys they made stay.' })
  async removeMember(
    @Param('id', { schema: memberId }) member_id: string,
    @WhoAsks() caller: Caller,
    @IfMatch() expected_revision: number | undefined,
    @Asking() options: CallOptions,
  ) {
    const asked = { ...tenantOf(caller), member_id, expected_revision };
    await this.client.call(PeopleRpc.removeMember, asked, options);
  }
}
