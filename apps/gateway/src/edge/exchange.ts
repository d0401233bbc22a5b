import type { IncomingMessage, ServerResponse } from 'node:http';
import type { UsableKey } from '#contracts/keys';
import type { Refused } from '#contracts/refusals';
import type { DecisionTrace } from '#contracts/trace';
import type { Hold } from '#counters/hold';
import { newId } from '#domain/id';
import { idBytes } from '#runtime/id-bytes';
import type { Profile } from '#runtime/profiles';
import { lastWords, restIsLong } from '../last-words.js';
import { visibleIdOf } from '../request-id.js';
import { answerHeaders } from './answer-headers.js';
import type { Call } from './call.js';
import { type ErrorFormat, render } from './formats.js';

/** What an exchange is busy with: its body on the way in, or its answer on the way out. */
export interface UnderWay {
  /** It may not go on. */
  cut(refused: Refused): void;
  /** It has taken longer than it may: `dueAt` is over. */
  overdue(): void;
  /** Its client is gone, or has everything. */
  left(): void;
}

/** One request and its answer: their ids, their time, and how a refusal of it is written. */
export class Exchange {
  /** Minted here and by nobody else: what the ledger counts by can't be chosen by a client. */
  readonly requestId: string;
  /** What the client calls it; its own name for it where it sent a sane one. */
  readonly visibleId: string;
  readonly startedAt = Date.now();
  /** As far as it is known yet: decides how a refusal reads. */
  profile?: Profile;
  key?: UsableKey;
  call?: Call;
  /** Why its key’s rules refused it, or which of them would have. */
  trace?: DecisionTrace;
  /** Of the secret it came with. */
  digest = '';
  /** Why it may not go on, although it was let in: its key was revoked or has expired meanwhile. */
  cutBy?: Refused;
  underWay?: UnderWay;
  /** By when what is under way has to be further. */
  dueAt = Number.POSITIVE_INFINITY;
  /** Of its body, in memory. */
  heldBytes = 0;
  /** The connection is not worth keeping: what is left of its request may never come. */
  isLast = false;
  /** What was set aside for it. */
  hold?: Hold;
  /** How long its answer may be where it did not say so itself: what was set aside is enough for no more. */
  outputCap: number | null = null;
  /** What limits have to say to the client, in headers. */
  extraHeaders?: Readonly<Record<string, string>>;

  constructor(
    readonly request: IncomingMessage,
    readonly response: ServerResponse,
  ) {
    this.requestId = newId('request', this.startedAt, idBytes());
    this.visibleId = visibleIdOf(request.headers, () => this.requestId);
  }

  /** On every answer. */
  headers(): Record<string, string> {
    const headers: Record<string, string> = { 'x-request-id': this.visibleId, 'request-id': this.visibleId };
    if (this.key) headers['x-keyward-key-id'] = this.key.key_id;
    return this.extraHeaders ? Object.assign(headers, this.extraHeaders) : headers;
  }

  /** Nobody is there any more to be answered. */
  get isGone(): boolean {
    return this.response.destroyed || this.response.writableEnded;
  }

  /** After every wait: what is not wanted any more must not begin anything that nobody would end. */
  assertWanted(): void {
    if (this.cutBy) throw this.cutBy;
    if (this.isGone) throw new Error('the client has left');
  }

  cut(refused: Refused): void {
    if (this.cutBy) return;
    this.cutBy = refused;
    this.underWay?.cut(refused);
  }

  answer(body: object): void {
    const bytes = Buffer.from(JSON.stringify(body));
    const type = { 'content-type': 'application/json', 'content-length': bytes.length, 'cache-control': 'no-store' };
    this.response.writeHead(200, { ...type, ...this.headers() });
    this.response.end(bytes);
  }

  /** The status it was refused with. */
  refuse(refused: Refused, fallback: Profile): number {
    const { response } = this;
    const profile = this.profile ?? fallback;
    const { status, type, body } = render(refused, statusIn(profile, refused), this.formatIn(profile), this.visibleId);
    if (response.headersSent) {
      response.destroy();
      return status;
    }
    const bytes = Buffer.from(JSON.stringify(body));
    const isSending = restIsLong(this.request);
    response.writeHead(status, {
      'content-type': type,
      'content-length': bytes.length,
      ...this.headers(),
      ...answerHeaders(refused, Date.now()),
      ...(this.isLast || isSending ? { connection: 'close' } : {}),
    });
    if (isSending && !this.isLast) lastWords(this.request, bytes).pipe(response);
    else response.end(bytes);
    return status;
  }

  private formatIn(profile: Profile): ErrorFormat {
    if (this.request.url?.startsWith('/v1/messages')) return 'openai';
    return this.request.headers.accept?.includes('application/problem+json') ? 'problem' : profile.errors;
  }
}

function statusIn({ status }: Profile, { code, status: usual }: Refused): number {
  if (code === 'key_disabled') return status.keyInactive;
  if (code === 'spend_limit_reached' || code === 'period_spend_limit_reached') return status.spendLimit;
  // Where spending is a matter of policy, an empty account is too.
  if (code === 'insufficient_credits') return status.spendLimit;
  return usual;
}
