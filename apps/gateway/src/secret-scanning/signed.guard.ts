import { type CanActivate, type ExecutionContext, Injectable, type RawBodyRequest } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Refused } from '#contracts/refusals';
import { Clock } from '#runtime/clock';
import { ScannerKeys } from './scanner-keys.js';
import { isSigned } from './signature.js';
import { Throttle } from './throttle.js';

export const IDENTIFIER = 'github-public-key-identifier';
export const SIGNATURE = 'github-public-key-signature';

const REQUESTS_A_MINUTE = 120;

/** Only what a scanner has signed comes through; looked at before anything the body says. */
@Injectable()
export class SignedGuard implements CanActivate {
  private readonly throttle = new Throttle(REQUESTS_A_MINUTE);

  constructor(
    private readonly scannerKeys: ScannerKeys,
    private readonly clock: Clock,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (!this.scannerKeys.areConfigured) throw new Refused('not_found');
    const { headers, ip, rawBody } = context.switchToHttp().getRequest<RawBodyRequest<FastifyRequest>>();
    this.throttle.take(ip, this.clock.now());
    const { [IDENTIFIER]: identifier, [SIGNATURE]: signature } = headers;
    if (typeof identifier !== 'string' || typeof signature !== 'string' || !rawBody)
      throw new Refused('invalid_signature', { message: 'This request must be signed.' });
    const key = await this.scannerKeys.find(identifier);
    // Over the bytes as they came: the same JSON written otherwise was never signed.
    if (!key || !isSigned(rawBody, signature, key)) throw new Refused('invalid_signature');
    return true;
  }
}
