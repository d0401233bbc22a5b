import type { DynamicModule } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_PIPE } from '@nestjs/core';
import { Limits } from '#counters/limits';
import { KeyDoor } from '#keyring/key-door';
import { SecretUses } from '#keyring/secret-uses';
import { BusClient } from '#rpc/client';
import { Clock } from '#runtime/clock';
import { ConfigError } from '#runtime/config';
import { deriveKey } from '#runtime/keying';
import { AcceptPipe } from './admin/accept.pipe.js';
import { ApiKeyActionsHttp } from './admin/api-key-actions.http.js';
import { ApiKeyBatchHttp } from './admin/api-key-batch.http.js';
import { ApiKeyLimitsHttp } from './admin/api-key-limits.http.js';
import { ApiKeyModelsHttp } from './admin/api-key-models.http.js';
import { ApiKeysHttp } from './admin/api-keys.http.js';
import { AuditEventsHttp } from './admin/audit-events.http.js';
import { BooksHttp } from './admin/books.http.js';
import { CallerGuard } from './admin/caller.js';
import { CreditsHttp } from './admin/credits.http.js';
import { InvitationsHttp } from './admin/invitations.http.js';
import { KeySearch } from './admin/key-search.js';
import { KeyViews } from './admin/key-views.js';
import { MembersHttp } from './admin/members.http.js';
import { ModelsHttp } from './admin/models.http.js';
import { OidcHttp } from './admin/oidc.http.js';
import { OidcCookie } from './admin/oidc-cookie.js';
import { OidcProvider } from './admin/oidc-provider.js';
import { OrganizationHttp } from './admin/organization.http.js';
import { PlansHttp } from './admin/plans.http.js';
import { PolicyHttp } from './admin/policy.http.js';
import { ProblemFilter } from './admin/problem.filter.js';
import { ProjectsHttp } from './admin/projects.http.js';
import { ProviderKeysHttp } from './admin/provider-keys.http.js';
import { ProvidersHttp } from './admin/providers.http.js';
import { RequestsHttp } from './admin/requests.http.js';
import { RuleViews } from './admin/rule-views.js';
import { RULES_HTTP } from './admin/rules.http.js';
import { SessionHttp } from './admin/session.http.js';
import { SessionCookie } from './admin/session-cookie.js';
import { SessionsHttp } from './admin/sessions.http.js';
import { UsageHttp } from './admin/usage.http.js';
import { WebhooksHttp } from './admin/webhooks.http.js';
import type { KnownKeys } from './directories/known-keys.js';
import { GatewayHandlers } from './gateway.rpc.js';
import { type GatewayKit, KIT } from './kit.js';
import { AdmitCall } from './operations/admit-call.js';
import { ExtendHold } from './operations/extend-hold.js';
import { MeasureCall } from './operations/measure-call.js';
import { SettleHold } from './operations/settle-hold.js';
import { KeyPatterns } from './secret-scanning/key-patterns.js';
import { ScannerKeys } from './secret-scanning/scanner-keys.js';
import { SecretScanningHttp } from './secret-scanning/secret-scanning.http.js';

const PEOPLE = [
  SessionHttp,
  SessionsHttp,
  OidcHttp,
  OrganizationHttp,
  MembersHttp,
  InvitationsHttp,
  ProjectsHttp,
  CreditsHttp,
  BooksHttp,
  PlansHttp,
  WebhooksHttp,
];

const CATALOGUE = [ModelsHttp, ProvidersHttp, ProviderKeysHttp];

const RULES = [...RULES_HTTP, PolicyHttp];

/** What gateways do for others on the bus, made where the edge is. */
export interface BusOperations {
  readonly measureCall: MeasureCall;
  readonly admitCall: AdmitCall;
}

/** The admin API. The edge is not in here: see `open.ts`. */
export class GatewayModule {
  static with(
    kit: GatewayKit,
    { door, uses, profiles }: KnownKeys,
    limits: Limits,
    { measureCall, admitCall }: BusOperations,
  ): DynamicModule {
    const { KEYWARD_SECRET, KEYWARD_PUBLIC_URL } = kit.config;
    const secure = KEYWARD_PUBLIC_URL?.startsWith('https:') ?? false;
    return {
      module: GatewayModule,
      controllers: [
        ApiKeysHttp,
        ApiKeyActionsHttp,
        ApiKeyBatchHttp,
        ApiKeyLimitsHttp,
        ApiKeyModelsHttp,
        AuditEventsHttp,
        ...PEOPLE,
        ...RULES,
        ...CATALOGUE,
        UsageHttp,
        RequestsHttp,
        SecretScanningHttp,
        GatewayHandlers,
      ],
      providers: [
        { provide: KIT, useValue: kit },
        { provide: KeyDoor, useValue: door },
        { provide: SecretUses, useValue: uses },
        { provide: Limits, useValue: limits },
        { provide: MeasureCall, useValue: measureCall },
        { provide: AdmitCall, useValue: admitCall },
        { provide: SettleHold, useValue: new SettleHold(limits) },
        { provide: ExtendHold, useValue: new ExtendHold(limits) },
        { provide: BusClient, useValue: new BusClient({ connection: kit.bus, service: 'gateway' }) },
        { provide: SessionCookie, useValue: new SessionCookie(deriveKey(KEYWARD_SECRET, 'session cookie'), secure) },
        { provide: OidcCookie, useValue: new OidcCookie(deriveKey(KEYWARD_SECRET, 'sign-in under way'), secure) },
        { provide: OidcProvider, useFactory: () => openOidc(kit) },
        { provide: APP_GUARD, useClass: CallerGuard },
        { provide: APP_PIPE, useClass: AcceptPipe },
        { provide: APP_FILTER, useClass: ProblemFilter },
        KeySearch,
        KeyViews,
        RuleViews,
        Clock,
        { provide: ScannerKeys, useFactory: () => new ScannerKeys(kit.config.KEYWARD_SECRET_SCANNING_KEYS, kit.log) },
        { provide: KeyPatterns, useFactory: () => new KeyPatterns(() => profiles.values()) },
      ],
    };
  }
}

function openOidc({ config }: GatewayKit): OidcProvider | null {
  const {
    KEYWARD_OIDC_ISSUER: issuer,
    KEYWARD_OIDC_CLIENT_ID: clientId,
    KEYWARD_OIDC_CLIENT_SECRET: clientSecret,
  } = config;
  if (issuer === undefined) return null;
  if (clientId === undefined)
    throw new ConfigError('These settings are wrong:\n  KEYWARD_OIDC_CLIENT_ID is required with KEYWARD_OIDC_ISSUER');
  return new OidcProvider({ issuer, clientId, clientSecret });
}
