import { Controller, Get } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { PlanPage } from '#contracts/admin-people';
import { ProjectsRpc } from '#contracts/projects';
import { BusClient, type CallOptions } from '#rpc/client';
import { Asking } from './call-options.js';
import { pageOf } from './page.js';

@ApiTags('projects')
@Controller('api/plans')
export class PlansHttp {
  constructor(private readonly client: BusClient) {}

  @Get()
  @ApiOperation({ summary: 'The plans of every profile.' })
  @ApiResponse({ status: 200, standardSchema: PlanPage })
  async listPlans(@Asking() options: CallOptions) {
    const { plans } = await this.client.call(ProjectsRpc.listPlans, {}, options);
    return pageOf(plans);
  }
}
