import { randomBytes } from 'node:crypto';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { NestFactory } from '@nestjs/core';
import type { MicroserviceOptions } from '@nestjs/microservices';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Gauge } from 'prom-client';
import { GatewayRpc } from '#contracts/gateway';
import type { Limits } from '#counters/limits';
import { newId } from '#domain/id';
import { CatalogueDirectory } from '#policy/catalogue-directory';
import { KnownRules } from '#policy/known-rules';
import { BusClient } from '#rpc/client';
import { BusServer } from '#rpc/server';
import { ensureUsageStream } from '#rpc/usage-stream';
import { nestLog } from '#runtime/log';
import { patiently } from '#runtime/patience';
import { ProfileShelf } from '#runtime/profile-shelf';
import { VERSION } from '#runtime/version';
import { takeJsonOnly } from './admin/json-bodies.js';
import { serveDashboard } from './dashboard.js';
import { KnownKeys } from './directories/known-keys.js';
import { serveDocs } from './docs.js';
import { Bodies } from './edge/bodies.js';
import { clientIpBy } from './edge/client-ip.js';
import { Edge } from './edge/edge.js';
import { LiveCalls } from './edge/live-calls.js';
import { OwnRequests } from './edge/own-requests.js';
import { RuleStep } from './edge/rule-step.js';
import { Traffic } from './edge/traffic.js';
import { type BusOperations, GatewayModule } from './gateway.module.js';
import { createHttpServer } from './http-server.js';
import type { GatewayKit } from './kit.js';
import { Doorkeeper } from './limits/doorkeeper.js';
import { KeyStanding } from './limits/key-standing.js';
import { openLimits } from './limits/open-limits.js';
import { AdmitCall } from './operations/admit-call.js';
import { MeasureCall } from './operations/measure-call.js';
import { requestIds, tellRequestIds } from './request-id.js';
import { SpoolFolder } from './spool/spool-folder.js';
import { UsageOutbox } from './spool/usage-outbox.js';
import { Credentials } from './upstream/credentials.js';
import { OwnKeysWatch } from './upstream/own-keys-watch.js';
import { Providers } from './upstream/providers.js';

/** Of the admin API. */
const BODY_LIMIT = 1024 * 1024;
const DRAIN_MILLISECONDS = 45_000;
const FLUSH_MILLISECONDS = 5000;

export async function openGateway(kit: GatewayKit): Promise<string> {
  const profiles = new ProfileShelf(kit.config.KEYWARD_PROFILES_DIR, kit.log);
  kit.closing(() => profiles.close());
  const keys = new KnownKeys(kit, profiles);
  const { edge, limits, operations } = await openEdge(kit, keys, profiles);
  const opsHere = kit.config.KEYWARD_OPS_PORT === undefined;
  let http!: Server;
  const adapter = new FastifyAdapter({
    bodyLimit: BODY_LIMIT,
    trustProxy: kit.config.KEYWARD_TRUSTED_PROXIES,
    genReqId: requestIds(() => newId('request', Date.now(), randomBytes(10))),
    // One server for both surfaces; the edge answers in front of Nest, because its every microsecond is somebody's wait.
    serverFactory: (admin: (request: IncomingMessage, response: ServerResponse) => void) => {
      http = createHttpServer(kit.config.KEYWARD_CLIENT_IDLE_MS, (request, response) => {
        if (isEdge(request)) edge.serve(request, response);
        else if (!(opsHere && kit.ops.handle(request, response))) admin(request, response);
      });
      return http;
    },
  });
  const nest = await NestFactory.create<NestFastifyApplication>(
    GatewayModule.with(kit, keys, limits, operations),
    adapter,
    {
      logger: nestLog(kit.log),
      abortOnError: false,
      bodyParser: false,
      // For whoever signs what they send.
      rawBody: true,
    },
  );
  kit.closing(() => nest.close());
  takeJsonOnly(nest, BODY_LIMIT);
  tellRequestIds(nest.getHttpAdapter().getInstance());
  serveDocs(nest);
  serveDashboard(nest, kit);
  const server = new BusServer({
    ...{ connection: kit.bus, service: 'gateway', version: VERSION, contract: GatewayRpc, log: kit.log },
  });
  nest.connectMicroservice<MicroserviceOptions>({ strategy: server });
  await nest.startAllMicroservices();
  kit.health.watch('bus', () => server.assertServing());
  await nest.listen(kit.config.KEYWARD_PORT, kit.config.KEYWARD_HOST);
  kit.closing(() => drain(http, edge));
  return nest.getUrl();
}

async function openEdge(
  kit: GatewayKit,
  keys: KnownKeys,
  profiles: ProfileShelf,
): Promise<{ edge: Edge; limits: Limits; operations: BusOperations }> {
  const { bus, log, config, env, health, metrics, closing } = kit;
  const client = new BusClient({ connection: bus, service: 'gateway' });
  const rules = new KnownRules(bus, client, log);
  const catalogue = new CatalogueDirectory(bus, client, log);
  const own = new OwnKeysWatch(kit);
  const patience = {
    connectMs: config.KEYWARD_UPSTREAM_CONNECT_MS,
    firstByteMs: config.KEYWARD_UPSTREAM_FIRST_BYTE_MS,
    idleMs: config.KEYWARD_UPSTREAM_IDLE_MS,
  };
  const providers = new Providers(patience);
  const bodies = new Bodies({
    bytesEach: config.KEYWARD_BODY_LIMIT,
    bytesTotal: config.KEYWARD_BODIES_LIMIT,
    idleMs: config.KEYWARD_CLIENT_IDLE_MS,
  });
  const folder = new SpoolFolder(config.KEYWARD_SPOOL_DIR, keys.instance);
  const outbox = new UsageOutbox({ bus, client, log, folder, maxBytes: config.KEYWARD_SPOOL_LIMIT });
  const live = new LiveCalls(keys.directory);

  closing(() => providers.close());
  closing(() => live.stop());
  closing(() => Promise.all([keys.stop(), catalogue.stop(), rules.stop(), own.stop()]));
  // Before the last sign of life: until then it is said what is not told yet.
  closing(() => outbox.close(FLUSH_MILLISECONDS));
  const limits = openLimits(kit, keys.instance, (event) => outbox.add(event));
  keys.tookOver = () => folder.tookOver;
  keys.unsettledSince = () => earlier(outbox.unsettledSince(), limits.live.lostSince());
  await patiently('JetStream', log, () => ensureUsageStream(bus));
  await Promise.all([keys.start(), catalogue.start(), rules.start(), own.start()]);

  health.watch('rules', () => rules.assertTrue(), false);
  health.watch('catalogue', () => isTrue(catalogue.isLoaded, 'the catalogue is not there yet'));
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name,
      help,
      registers: [metrics],
      collect() {
        this.set(read());
      },
    });
  gauge('keyward_known_keys', 'Keys in memory', () => keys.directory.size);
  gauge('keyward_known_rules', 'Keys whose rules are in memory', () => rules.directory.size);
  gauge('keyward_body_bytes', 'Request bodies in memory', () => bodies.heldBytes);
  gauge('keyward_spool_bytes', 'Usage on the disk that the ledger may not have', () => outbox.bytes);
  gauge('keyward_usage_waiting', 'Usage events that are not sent yet', () => outbox.size);

  const credentials = new Credentials(env);
  const ruleStep = new RuleStep({ rules, catalogue, ipOf: clientIpBy(config.KEYWARD_TRUSTED_PROXIES) });
  const edge = new Edge({
    door: keys.door,
    live,
    uses: keys.uses,
    profiles,
    catalogue,
    rules: ruleStep,
    providers,
    credentials,
    ownKeys: own.keys,
    doorkeeper: new Doorkeeper(limits),
    standing: new KeyStanding(limits, client),
    requests: new OwnRequests(client),
    outbox,
    bodies,
    traffic: new Traffic(metrics),
    log,
    clientIdleMs: config.KEYWARD_CLIENT_IDLE_MS,
    answerMs: patience.connectMs + patience.firstByteMs,
  });
  const parts = { limits, catalogue, profiles, ownKeys: own.keys };
  const { door, uses } = keys;
  const tell = outbox.add.bind(outbox);
  const admitCall = new AdmitCall({ ...parts, door, uses, client, rules: ruleStep, tell });
  return {
    edge,
    limits,
    operations: { measureCall: new MeasureCall({ ...parts, credentials, providers }), admitCall },
  };
}

function earlier(one: number | null, other: number | null): number | null {
  return one === null || other === null ? (one ?? other) : Math.min(one, other);
}

function isEdge(request: IncomingMessage): boolean {
  const { url = '/' } = request;
  return url.startsWith('/v1/') || url === '/v1' || url.startsWith('/v1?');
}

/** No new connection, no new request on an old one; what is under way ends first. */
async function drain(http: Server, edge: Edge): Promise<void> {
  http.close();
  http.closeIdleConnections();
  let timer: NodeJS.Timeout | undefined;
  const enough = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, DRAIN_MILLISECONDS);
  });
  await Promise.race([edge.drained(), enough]);
  clearTimeout(timer);
  http.closeAllConnections();
}

function isTrue(condition: boolean, otherwise: string): void {
  if (!condition) throw new Error(otherwise);
}
