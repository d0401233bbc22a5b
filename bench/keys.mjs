/** Keys straight into the database: minting them one call at a time would take longer than measuring. */
import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { newId } from '#domain/id';
import { digestOf, mintSecret } from '#domain/key/secret';
import { deriveKey } from '#runtime/keying';

const FORMAT = /** @type {const} */ ({ prefix: 'kw_', alphabet: 'base62', length: 40 });

/** @param {{ postgresUrl: string, secret: string, count: number }} wanted @returns {Promise<string[]>} */
export async function insertKeys({ postgresUrl, secret, count }) {
  const db = new Client({ connectionString: postgresUrl, options: '-c search_path=keys' });
  await db.connect();
  try {
    const checksumKey = deriveKey(secret, 'key checksum');
    const [project] = (await db.query('SELECT id, organization_id FROM project LIMIT 1')).rows;
    const secrets = Array.from({ length: count }, () => mintSecret(FORMAT, checksumKey, randomBytes));
    const idsOf = (/** @type {'key' | 'secret'} */ kind) => secrets.map(() => newId(kind, Date.now(), randomBytes(10)));
    const keys = idsOf('key');
    await db.query(
      `INSERT INTO api_key (id, organization_id, project_id, name, scopes, created_at, created_by, updated_at, revision)
       SELECT id, $2, $3, id, '{read}', now(), 'service:bench', now(), 1 FROM unnest($1::text[]) AS k(id)`,
      [keys, project.organization_id, project.id],
    );
    await db.query(
      `INSERT INTO key_secret (id, key_id, digest, preview, created_at)
       SELECT id, key_id, digest, 'kw_…', now() FROM unnest($1::text[], $2::text[], $3::text[]) AS s(id, key_id, digest)`,
      [idsOf('secret'), keys, secrets.map(digestOf)],
    );
    await db.query('ANALYZE');
    return secrets;
  } finally {
    await db.end();
  }
}
