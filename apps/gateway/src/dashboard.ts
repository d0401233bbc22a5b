import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { GatewayKit } from './kit.js';

/** What the build writes where a page's nonce belongs: see `apps/dashboard/vite.config.mjs`. */
const NONCE = /__NONCE__/g;
/** What has an owner already, and is answered in that owner's words where it is not there. */
const NOT_A_PAGE = /^\/(api|docs|assets|v1)(\/|\?|$)/;

/**
 * The dashboard at `/`: files that a build made, and one page that every address of the app begins with. Its files have
 * their content's hash in their names and may be kept for ever; the page may not be kept at all.
 */
export function serveDashboard(nest: NestFastifyApplication, { config, log }: GatewayKit): void {
  const folder = resolve(config.KEYWARD_DASHBOARD_DIR);
  const index = join(folder, 'index.html');
  if (!existsSync(index)) {
    log.warn({ folder }, 'there is no dashboard here: `npm run build` makes it');
    return;
  }
  const page = readFileSync(index, 'utf8');
  const http = nest.getHttpAdapter().getInstance() as unknown as FastifyInstance;
  void http.register(fastifyStatic, {
    root: join(folder, 'assets'),
    prefix: '/assets/',
    decorateReply: false,
    preCompressed: true,
    immutable: true,
    maxAge: '1y',
    setHeaders: (reply) => void reply.header('x-content-type-options', 'nosniff'),
  });
  http.get('/*', (request, reply) => {
    if (!isPage(request)) return reply.callNotFound();
    const nonce = randomBytes(18).toString('base64');
    return reply
      .headers({
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy': policyWith(nonce),
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'referrer-policy': 'same-origin',
        'cross-origin-opener-policy': 'same-origin',
        'permissions-policy': 'camera=(), geolocation=(), microphone=(), clipboard-write=(self)',
      })
      .send(page.replace(NONCE, nonce));
  });
}

/** A browser that wants to see something; whoever asks for data is told that there is none. */
function isPage({ url, headers }: FastifyRequest): boolean {
  return !NOT_A_PAGE.test(url) && (headers.accept ?? '').includes('text/html');
}

/**
 * Everything comes from here and nowhere else, and no script but the build's. Styles that the components make at run
 * time carry the page's nonce: docs/decisions/0009-styles-carry-a-nonce.md.
 */
function policyWith(nonce: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self'",
    "font-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ');
}
