import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { KeysRpc } from '#contracts/keys';
import type { Answers, Asked } from '#contracts/rpc';
import { changesAfter } from '../store/changes.js';

@Injectable()
export class ListChanges {
  constructor(private readonly db: DataSource) {}

  run({ after }: Asked<typeof KeysRpc.listChanges>): Promise<Answers<typeof KeysRpc.listChanges>> {
    return changesAfter(this.db, after);
  }
}
