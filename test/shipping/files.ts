import { readFileSync } from 'node:fs';
import { parse, parseAllDocuments } from 'yaml';

const ROOT = new URL('../../', import.meta.url);

export function textOf(path: string): string {
  return readFileSync(new URL(path, ROOT), 'utf8');
}

/** With `merge`: compose files share parts with `<<`. */
export function yamlOf<Shape>(path: string): Shape {
  return parse(textOf(path), { merge: true, uniqueKeys: true }) as Shape;
}

export function documentsOf<Shape>(path: string): Shape[] {
  return parseAllDocuments(textOf(path), { uniqueKeys: true }).map((document) => {
    if (document.errors[0]) throw new Error(`${path}: ${document.errors[0].message}`);
    return document.toJS() as Shape;
  });
}
