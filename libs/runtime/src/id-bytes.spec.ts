import { expect, it } from '@jest/globals';
import { newId } from '#domain/id';
import { idBytes } from './id-bytes.js';

it('gives ten bytes that were never given before, also over the edge of its pool', () => {
  const ids = Array.from({ length: 5000 }, () => newId('request', 0, idBytes()));
  expect(new Set(ids).size).toBe(ids.length);
  expect(idBytes()).toHaveLength(10);
});
