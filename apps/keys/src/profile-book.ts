import { Injectable } from '@nestjs/common';
import type { ProfileShelf } from '#runtime/profile-shelf';
import type { Plan, Profile } from '#runtime/profiles';
import type { Project } from './store/entities.js';

/** The profiles of this installation as they are now, asked by what a project says of itself. */
@Injectable()
export class ProfileBook {
  constructor(private readonly profiles: Pick<ProfileShelf, 'get' | 'values'>) {}

  all(): readonly Profile[] {
    return this.profiles.values();
  }

  find(name: string): Profile | undefined {
    return this.profiles.get(name);
  }

  /** A project names a profile that was there when it was made; an operator who takes one away is told here. */
  of(project: Pick<Project, 'id' | 'profile'>): Profile {
    const profile = this.profiles.get(project.profile);
    if (!profile) throw new Error(`project ${project.id} names the profile ${project.profile}, which is not there`);
    return profile;
  }

  planOf(project: Pick<Project, 'id' | 'profile' | 'plan'>): Plan {
    const plan = this.of(project).plans[project.plan];
    if (!plan)
      throw new Error(
        `project ${project.id} names the plan ${project.plan}, which the profile ${project.profile} has not`,
      );
    return plan;
  }

  readonly currencyOf = (profile: string): string => this.profiles.get(profile)?.currency ?? 'USD';
}
