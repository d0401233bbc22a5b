import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { PeopleRpc } from '#contracts/people';
import type { Answers, Asked } from '#contracts/rpc';
import { memberView } from '../store/member-view.js';
import { findMember } from '../store/members.js';

@Injectable()
export class GetMember {
  constructor(private readonly db: DataSource) {}

  async run(request: Asked<typeof PeopleRpc.getMember>): Promise<Answers<typeof PeopleRpc.getMember>> {
    return memberView(await findMember(this.db, request));
  }
}
