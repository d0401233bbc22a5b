import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException, Inject } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Refused } from '#contracts/refusals';
import { render } from '../edge/formats.js';
import { type GatewayKit, KIT } from '../kit.js';
import { lastWords, restIsLong } from '../last-words.js';

/** The admin API refuses in RFC 9457. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(@Inject(KIT) private readonly kit: GatewayKit) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const refused = asRefusal(thrown, request);
    if (refused.status >= 500)
      this.kit.log.error({ err: refused, route: request.url, request_id: request.id }, 'a request could not be served');
    const { status, type, body } = render(refused, refused.status, 'problem', request.id);
    const bytes = Buffer.from(JSON.stringify(body));
    void reply
      .status(status)
      .headers({ 'content-type': type, 'content-length': bytes.length })
      .headers({ 'x-keyward-error-code': refused.code, 'cache-control': 'no-store' })
      .headers(retryAfter(refused));
    if (restIsLong(request.raw)) void reply.header('connection', 'close').send(lastWords(request.raw, bytes));
    else void reply.send(bytes);
  }
}

/** Where a wait is known, it is said the way HTTP clients look for it, too. */
function retryAfter({ details }: Refused): Record<string, string> {
  const { retry_after_seconds: seconds } = details;
  return typeof seconds === 'number' ? { 'retry-after': String(seconds) } : {};
}

function asRefusal(thrown: unknown, request: FastifyRequest): Refused {
  if (thrown instanceof Refused) return thrown;
  const status =
    thrown instanceof HttpException ? thrown.getStatus() : (thrown as { statusCode?: unknown })?.statusCode;
  switch (status) {
    case 404:
      return new Refused('not_found', { message: `There is no ${request.method} ${request.url.split('?')[0]} here.` });
    case 413:
      return new Refused('request_too_large');
    case 415:
      return new Refused('unsupported_media_type');
    default:
      if (typeof status === 'number' && status >= 400 && status < 500) {
        return new Refused('invalid_request', { message: (thrown as Error).message });
      }
      return new Refused('internal_error', { cause: thrown });
  }
}
