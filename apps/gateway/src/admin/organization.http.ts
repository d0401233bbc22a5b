import { Body, Controller, Get, Patch } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { OrganizationChange } from '#contracts/admin-people';
import { organization, PeopleRpc } from '#contracts/people';
import { BusClient, type CallOptions } from '#rpc/client';
import { Asking, tenantOf } from './call-options.js';
import { type Caller, WhoAsks } from './caller.js';
import { Etag, IfMatch } from './etag.js';
import { Needs } from './needs.js';

@ApiTags('organization')
@Controller('api/organization')
export class OrganizationHttp {
  constructor(private readonly client: BusClient) {}

  @Get()
  @Etag()
  @ApiOperation({ summary: 'My organization.' })
  @ApiResponse({ status: 200, standardSchema: organization })
  getOrganization(@WhoAsks() caller: Caller, @Asking() options: CallOptions) {
    return this.client.call(PeopleRpc.getOrganization, tenantOf(caller), options);
  }

  @Patch()
  @Needs('admin')
  @Etag()
  @ApiOperation({ summary: 'Rename it, or say what happens to leaked keys.' })
  @ApiResponse({ status: 200, standardSchema: organization })
  updateOrganization(
    @Body({ schema: OrganizationChange }) body: z.output<typeof OrganizationChange>,
    @WhoAsks() caller: Caller,
    @IfMatch() expected_revision: number | undefined,
    @Asking() options: CallOptions,
  ) {
    const asked = { ...tenantOf(caller), expected_revision, ...body };
    return this.client.call(PeopleRpc.updateOrganization, asked, options);
  }
}
