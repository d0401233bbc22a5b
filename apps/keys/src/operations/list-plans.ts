import { Injectable } from '@nestjs/common';
import type { ProjectsRpc } from '#contracts/projects';
import type { Answers } from '#contracts/rpc';
import { ProfileBook } from '../profile-book.js';

@Injectable()
export class ListPlans {
  constructor(private readonly profiles: ProfileBook) {}

  async run(): Promise<Answers<typeof ProjectsRpc.listPlans>> {
    const plans = this.profiles.all().flatMap(({ name: profile, plans }) =>
      Object.entries(plans).map(([name, plan]) => ({
        profile,
        name,
        keys_per_project: plan.keysPerProject,
        rate_limit: plan.rateLimit,
        max_rate_limit: plan.maxRateLimit,
        token_limit: plan.tokenLimit,
        max_token_limit: plan.maxTokenLimit,
      })),
    );
    return { plans };
  }
}
