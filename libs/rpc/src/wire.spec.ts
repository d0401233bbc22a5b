import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { event } from '#contracts/event';
import { rpc } from '#contracts/rpc';
import { wireOf } from './wire.js';

const book = z.object({ title: z.string(), sequel: z.string().nullable() }).meta({ id: 'Book' });
type Rule = { all?: Rule[]; title?: string };
const rule: z.ZodType<Rule> = z.strictObject({
  all: z.lazy(() => z.array(rule)).optional(),
  title: z.string().optional(),
});

const shelf = {
  rpc: {
    addBook: rpc({
      subject: 'keyward.shelf.add',
      summary: 'Put a book on the shelf.',
      request: z.strictObject({ title: z.string().trim().min(1), pages: z.int().default(1) }),
      reply: book,
    }),
    findBooks: rpc({
      subject: 'keyward.shelf.find',
      summary: 'By a rule.',
      request: rule,
      reply: z.object({ books: z.array(book) }),
    }),
  },
  events: {
    bookAdded: event({
      subject: 'keyward.events.book.added',
      summary: 'A book was added.',
      payload: z.object({ book }),
    }),
  },
};

type Json = { [key: string]: Json };

describe('the documents of the wire', () => {
  const documents = wireOf({ shelf }, { version: '1.0.0' });
  const asyncapi = documents['asyncapi.json'] as unknown as Json;

  it('name every call with what it takes and gives', () => {
    expect(Object.keys(documents)).toEqual(['shelf.json', 'asyncapi.json']);
    expect(documents['shelf.json']).toMatchObject({
      service: 'keyward-shelf',
      calls: {
        addBook: {
          subject: 'keyward.shelf.add',
          summary: 'Put a book on the shelf.',
          request: { type: 'object', required: ['title'], additionalProperties: false },
          reply: {
            $ref: '#/definitions/Book',
            definitions: { Book: { type: 'object', required: ['title', 'sequel'] } },
          },
        },
      },
      events: { bookAdded: { subject: 'keyward.events.book.added' } },
    });
  });

  it('are the same every time, and plain JSON', () => {
    const again = wireOf({ shelf }, { version: '1.0.0' });
    expect(JSON.parse(JSON.stringify(documents))).toEqual(again);
    expect(JSON.stringify(again)).toBe(JSON.stringify(documents));
  });

  it('point, in AsyncAPI, at things that are there', () => {
    const pointers: string[] = [];
    JSON.stringify(asyncapi, (key, value) => {
      if (key === '$ref') pointers.push(value as string);
      return value;
    });
    expect(pointers.length).toBeGreaterThan(10);
    for (const pointer of pointers) {
      expect(pointer).toMatch(/^#\/(channels|components)\//);
      const found = pointer
        .slice(2)
        .split('/')
        .reduce<Json | undefined>((at, step) => at?.[step], asyncapi);
      expect({ pointer, found: found !== undefined }).toEqual({ pointer, found: true });
    }
  });

  it('have, in AsyncAPI, an operation for each call and event', () => {
    expect(asyncapi.asyncapi).toBe('3.0.0');
    expect(Object.keys(asyncapi.operations ?? {})).toEqual([
      'shelf.addBook',
      'shelf.findBooks',
      'shelf.events.bookAdded',
    ]);
    expect(asyncapi.operations?.['shelf.addBook']).toMatchObject({
      action: 'receive',
      reply: { channel: expect.anything() },
    });
    expect(asyncapi.operations?.['shelf.events.bookAdded']).toMatchObject({ action: 'send' });
    expect(asyncapi.components?.schemas).toHaveProperty('Book');
  });

  it('let answers gain fields', () => {
    expect(asyncapi.components?.schemas?.Book).not.toHaveProperty('additionalProperties');
  });

  it('are not written where one name means two things', () => {
    const one = z.object({ pages: z.int() }).meta({ id: 'Twice' });
    const other = z.object({ title: z.string() }).meta({ id: 'Twice' });
    const read = (reply: z.ZodType) => ({
      rpc: { read: rpc({ subject: 'keyward.a', summary: '', request: z.strictObject({}), reply }) },
    });
    expect(() => wireOf({ a: read(one), b: read(one) }, { version: '1.0.0' })).not.toThrow();
    expect(() => wireOf({ a: read(one), b: read(other) }, { version: '1.0.0' })).toThrow(
      'two schemas have the name Twice',
    );
  });

  it('are not written for a request that would ignore a misspelt field', () => {
    const loose = rpc({
      subject: 'keyward.shelf.loose',
      summary: '',
      request: z.object({ a: z.string() }),
      reply: z.object({}),
    });
    expect(() => wireOf({ shelf: { rpc: { loose } } }, { version: '1.0.0' })).toThrow(
      'keyward.shelf.loose must be a z.strictObject',
    );
  });
});
