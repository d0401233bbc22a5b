import { type ArgumentMetadata, Injectable, type PipeTransform } from '@nestjs/common';
import type { z } from 'zod';
import { accept } from '#contracts/accept';

/** Bodies and queries are refused here in the same words as on the bus. */
@Injectable()
export class AcceptPipe implements PipeTransform {
  transform(value: unknown, { schema }: ArgumentMetadata): unknown {
    return schema ? accept(schema as unknown as z.ZodType, value ?? {}) : value;
  }
}
