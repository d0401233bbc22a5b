import type { DynamicModule } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { EventPublisher } from '#rpc/events';
import { Clock } from '#runtime/clock';
import { openPostgres } from '#runtime/postgres';
import { ProfileShelf } from '#runtime/profile-shelf';
import { openRedisCache } from '#runtime/redis';
import { housekeepingWith } from '#runtime/store/housekeeping';
import { AccessHandlers } from './access.rpc.js';
import { AuditHandlers } from './audit.rpc.js';
import { Bonds } from './bonds.js';
import { ChangeFeed } from './change-feed.js';
import { Keyring } from './keyring.js';
import { KeysHandlers } from './keys.rpc.js';
import { type KeysKit, KIT, REDIS } from './kit.js';
import { LEFTOVERS } from './leftovers.js';
import { LimitCheck } from './limit-check.js';
import { Minter } from './minter.js';
import { ModelCheck } from './model-check.js';
import { AuditSeal } from './mutation/audit-seal.js';
import { KeyChanges } from './mutation/key-changes.js';
import { Mutations } from './mutation/mutations.js';
import { AcceptInvitation } from './operations/accept-invitation.js';
import { Authorize } from './operations/authorize.js';
import { BatchKeys } from './operations/batch-keys.js';
import { ChangePassword } from './operations/change-password.js';
import { CreateKey } from './operations/create-key.js';
import { CreateOrganization } from './operations/create-organization.js';
import { CreateProject } from './operations/create-project.js';
import { CreateWebhook } from './operations/create-webhook.js';
import { DeleteKey } from './operations/delete-key.js';
import { DeleteProject } from './operations/delete-project.js';
import { DeleteWebhook } from './operations/delete-webhook.js';
import { DisableKey } from './operations/disable-key.js';
import { EnableKey } from './operations/enable-key.js';
import { EndSession } from './operations/end-session.js';
import { FinishRotation } from './operations/finish-rotation.js';
import { GetKey } from './operations/get-key.js';
import { GetMember } from './operations/get-member.js';
import { GetOrganization } from './operations/get-organization.js';
import { GetProject } from './operations/get-project.js';
import { GetSession } from './operations/get-session.js';
import { GetUsableKey } from './operations/get-usable-key.js';
import { GetWebhook } from './operations/get-webhook.js';
import { InviteMember } from './operations/invite-member.js';
import { ListAuditEvents } from './operations/list-audit-events.js';
import { ListChanges } from './operations/list-changes.js';
import { ListDeliveries } from './operations/list-deliveries.js';
import { ListInvitations } from './operations/list-invitations.js';
import { ListKeys } from './operations/list-keys.js';
import { ListMembers } from './operations/list-members.js';
import { ListPlans } from './operations/list-plans.js';
import { ListProjects } from './operations/list-projects.js';
import { ListSessions } from './operations/list-sessions.js';
import { ListWebhooks } from './operations/list-webhooks.js';
import { RecordDeed } from './operations/record-deed.js';
import { Redeliver } from './operations/redeliver.js';
import { RemoveMember } from './operations/remove-member.js';
import { ReportLeak } from './operations/report-leak.js';
import { ResetProjectUsage } from './operations/reset-project-usage.js';
import { ResetUsage } from './operations/reset-usage.js';
import { ResolveKey } from './operations/resolve-key.js';
import { RevokeInvitation } from './operations/revoke-invitation.js';
import { RotateKey } from './operations/rotate-key.js';
import { RotateWebhookSecret } from './operations/rotate-webhook-secret.js';
import { SetPrepaid } from './operations/set-prepaid.js';
import { SignIn } from './operations/sign-in.js';
import { SignInExternally } from './operations/sign-in-externally.js';
import { SignOut } from './operations/sign-out.js';
import { TestWebhook } from './operations/test-webhook.js';
import { UpdateKey } from './operations/update-key.js';
import { UpdateMember } from './operations/update-member.js';
import { UpdateOrganization } from './operations/update-organization.js';
import { UpdateProject } from './operations/update-project.js';
import { UpdateWebhook } from './operations/update-webhook.js';
import { VerifyAudit } from './operations/verify-audit.js';
import { VerifyKey } from './operations/verify-key.js';
import { PeopleHandlers } from './people.rpc.js';
import { ProfileBook } from './profile-book.js';
import { ProfileWatch } from './profile-watch.js';
import { ProjectsHandlers } from './projects.rpc.js';
import { Receipts } from './receipts.js';
import { SessionsHandlers } from './sessions.rpc.js';
import { ENTITIES } from './store/entities.js';
import { ensureFirstOwner } from './store/first-owner.js';
import { Foundation1763700000000 } from './store/migrations/1763700000000-foundation.js';
import { PeopleAndKeys1763800000000 } from './store/migrations/1763800000000-people-and-keys.js';
import { Profiles1763911000000 } from './store/migrations/1763911000000-profiles.js';
import { Leaks1763940000000 } from './store/migrations/1763940000000-leaks.js';
import { Webhooks1763960000000 } from './store/migrations/1763960000000-webhooks.js';
import { Makers1763970000000 } from './store/migrations/1763970000000-makers.js';
import { SharedLimits1763980000000 } from './store/migrations/1763980000000-shared-limits.js';
import { Alignment1764220000000 } from './store/migrations/1764220000000-alignment.js';
import { ResolvedKeys } from './store/resolved-keys.js';
import { Tenancy } from './tenancy.js';
import { EventIntake } from './webhooks/event-intake.js';
import { WebhookSender } from './webhooks/sender.js';
import { WebhookSecrets } from './webhooks/webhook-secrets.js';
import { WebhooksHandlers } from './webhooks.rpc.js';

const PEOPLE = [
  SignIn,
  SignInExternally,
  GetSession,
  ListSessions,
  SignOut,
  EndSession,
  ChangePassword,
  GetOrganization,
  CreateOrganization,
  UpdateOrganization,
  SetPrepaid,
  ListMembers,
  GetMember,
  UpdateMember,
  RemoveMember,
  InviteMember,
  ListInvitations,
  RevokeInvitation,
  AcceptInvitation,
  CreateProject,
  GetProject,
  ListProjects,
  UpdateProject,
  ResetProjectUsage,
  DeleteProject,
  ListPlans,
];

const WEBHOOKS = [
  CreateWebhook,
  DeleteWebhook,
  GetWebhook,
  ListDeliveries,
  ListWebhooks,
  Redeliver,
  RotateWebhookSecret,
  TestWebhook,
  UpdateWebhook,
  WebhookSecrets,
  EventIntake,
  WebhookSender,
];

const OPERATIONS = [
  CreateKey,
  GetKey,
  ListKeys,
  UpdateKey,
  EnableKey,
  DisableKey,
  DeleteKey,
  RotateKey,
  FinishRotation,
  ResetUsage,
  BatchKeys,
  ReportLeak,
  VerifyKey,
  ResolveKey,
  ListChanges,
  ListAuditEvents,
  VerifyAudit,
  RecordDeed,
  Authorize,
  GetUsableKey,
  ...PEOPLE,
];

const MIGRATIONS = [
  Foundation1763700000000,
  PeopleAndKeys1763800000000,
  Profiles1763911000000,
  Leaks1763940000000,
  Webhooks1763960000000,
  Makers1763970000000,
  SharedLimits1763980000000,
  Alignment1764220000000,
];

export class KeysModule {
  static with(kit: KeysKit): DynamicModule {
    return {
      module: KeysModule,
      controllers: [
        KeysHandlers,
        SessionsHandlers,
        PeopleHandlers,
        ProjectsHandlers,
        AuditHandlers,
        AccessHandlers,
        WebhooksHandlers,
      ],
      providers: [
        { provide: KIT, useValue: kit },
        { provide: ProfileShelf, useFactory: () => openProfiles(kit) },
        { provide: ProfileBook, useFactory: (shelf: ProfileShelf) => new ProfileBook(shelf), inject: [ProfileShelf] },
        { provide: DataSource, useFactory: () => openStore(kit) },
        { provide: REDIS, useFactory: () => openCache(kit) },
        { provide: EventPublisher, useValue: new EventPublisher(kit.bus) },
        Clock,
        ChangeFeed,
        ProfileWatch,
        ResolvedKeys,
        Keyring,
        LimitCheck,
        ModelCheck,
        Bonds,
        Receipts,
        housekeepingWith({ log: kit.log, service: 'keys', leftovers: LEFTOVERS }),
        Tenancy,
        AuditSeal,
        Minter,
        Mutations,
        KeyChanges,
        ...OPERATIONS,
        ...WEBHOOKS,
      ],
    };
  }
}

function openProfiles({ config, log, closing }: KeysKit): ProfileShelf {
  const shelf = new ProfileShelf(config.KEYWARD_PROFILES_DIR, log);
  closing(() => shelf.close());
  return shelf;
}

async function openStore({ config, log, health, closing }: KeysKit): Promise<DataSource> {
  const owner = { email: config.KEYWARD_OWNER_EMAIL, password: config.KEYWARD_OWNER_PASSWORD };
  const db = await openPostgres({
    url: config.KEYWARD_POSTGRES_URL,
    schema: 'keys',
    entities: ENTITIES,
    migrations: MIGRATIONS,
    log,
    prepare: (db) => ensureFirstOwner(db, owner, new Date()),
  });
  closing(() => db.destroy());
  health.watch('postgres', () => db.query('SELECT 1'));
  return db;
}

function openCache({ config, log, health, closing }: KeysKit) {
  const redis = openRedisCache(config.KEYWARD_REDIS_URL, log);
  closing(() => redis.disconnect());
  // Only a cache here: without it, keys are looked up in Postgres.
  health.watch('redis', () => redis.ping(), false);
  return redis;
}
