import { Catch, Controller, type RpcExceptionFilter, UseFilters } from '@nestjs/common';
import { Ctx, MessagePattern, Payload } from '@nestjs/microservices';
import { type Observable, throwError } from 'rxjs';
import type { Rpc, Serves } from '#contracts/rpc';

type Handler<Contract extends Record<string, Rpc>> = abstract new (...dependencies: never[]) => Serves<Contract>;

/**
 * Makes a class the handler of a contract: each call of the contract is the method of the same name.
 * The methods need no decorators of their own, so none can be forgotten.
 */
export function Serve<Contract extends Record<string, Rpc>>(contract: Contract) {
  return (handler: Handler<Contract>): void => {
    const prototype: object = handler.prototype;
    for (const [name, { subject }] of Object.entries(contract)) {
      const method = methodOf(prototype, name);
      if (!method) throw new Error(`${handler.name} must have the method ${name}, which answers ${subject}`);
      MessagePattern(subject)(prototype, name, method);
      Payload()(prototype, name, 0);
      Ctx()(prototype, name, 1);
    }
    UseFilters(Unmasked)(handler);
    Controller()(handler);
  };
}

/** Nest would replace whatever is thrown by "Internal server error"; the bus server decides what may be seen. */
@Catch()
class Unmasked implements RpcExceptionFilter {
  catch(thrown: unknown): Observable<never> {
    return throwError(() => thrown);
  }
}

function methodOf(prototype: object | null, name: string): PropertyDescriptor | undefined {
  if (!prototype || prototype === Object.prototype) return undefined;
  const found = Object.getOwnPropertyDescriptor(prototype, name);
  if (found) return typeof found.value === 'function' ? found : undefined;
  return methodOf(Object.getPrototypeOf(prototype), name);
}
