import { describe, expect, it } from '@jest/globals';
import { accept } from '#contracts/accept';
import { GatewayRpc } from '#contracts/gateway';
import { Refused } from '#contracts/refusals';
import type { Rpc } from '#contracts/rpc';
import { type JsonSchema, requestSchema } from '#rpc/schema';
import { CONTRACT as KEYS } from '../apps/keys/src/contract.js';
import { CONTRACT as POLICY } from '../apps/policy/src/contract.js';
import { CONTRACT as USAGE } from '../apps/usage/src/contract.js';

/** What people, and those who try doors, put where something else belongs. */
const WEIRD = [
  ...['\u0000', 'a\u0000b', '\ud800', 'x'.repeat(100_000), '%', '%%%', '\\', "'; DROP TABLE api_key; --"],
  ...['9'.repeat(400), '1e400', '-0', 'NaN', '0x10', '2026-13-45', '0000-01-01', '9999999-01-01T00:00:00Z'],
  ...['key_01JD3Q0YV6Z0C7M1W8K2R5T9XA', 'prj_01JD3Q0YV6Z0C7M1W8K2R5T9XA', '', ' ', 'http://', 'https://u:p@h/'],
  ...[-1, 0, 1.5, 1e308, 2 ** 53, null, true, [], {}, [null], [{}], ['x'], { value: -1 }, { __proto__: null, a: 1 }],
];

const calls = [KEYS, POLICY, USAGE, GatewayRpc]
  .flatMap((contract): Rpc[] => Object.values(contract))
  .map((rpc): [string, Rpc] => [rpc.subject, rpc]);

describe('whatever is sent in any field of', () => {
  it.each(calls)('%s is taken, or refused by name', (_, { request }) => {
    for (const field of fieldsOf(requestSchema(request))) {
      for (const value of WEIRD) {
        const before = performance.now();
        expect(refusalOf(() => accept(request, { [field]: value }))).toMatch(/^(taken|invalid_request)$/);
        // No field of a request may hold up the process that reads it.
        expect(performance.now() - before).toBeLessThan(2000);
      }
    }
  });
});

function refusalOf(act: () => unknown): string {
  try {
    act();
    return 'taken';
  } catch (error) {
    return error instanceof Refused ? error.code : String(error);
  }
}

/** A request is one object, or one of several; its schema may stand among the definitions. */
function fieldsOf(root: JsonSchema): Set<string> {
  const definitions = (root.definitions ?? {}) as Record<string, JsonSchema>;
  const named = (schema: JsonSchema): JsonSchema =>
    (schema.$ref && definitions[schema.$ref.replace('#/definitions/', '')]) || schema;
  const whole = named(root);
  const shapes = (whole.anyOf ?? whole.oneOf ?? [whole]) as JsonSchema[];
  return new Set(shapes.flatMap((shape) => Object.keys(named(shape).properties ?? {})));
}
