import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A secret scanner like GitHub's: signs what it reports, and publishes the keys it signs with. */
export async function startScanner() {
  const pairs = new Map<string, ReturnType<typeof newPair>>();
  const addKey = () => {
    const identifier = randomBytes(32).toString('hex');
    pairs.set(identifier, newPair());
    return identifier;
  };
  const first = addKey();
  let asked = 0;
  const server = createServer((_, response) => {
    asked++;
    const public_keys = [...pairs].map(([key_identifier, { publicKey }], at) => ({
      key_identifier,
      key: publicKey,
      is_current: at === pairs.size - 1,
    }));
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ public_keys }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/meta/public_keys/secret_scanning`,
    first,
    addKey,
    asked: () => asked,
    headersFor(body: string, identifier = first): Record<string, string> {
      const { privateKey } = pairs.get(identifier) ?? newPair();
      return {
        'content-type': 'application/json',
        'github-public-key-identifier': identifier,
        'github-public-key-signature': sign('sha256', Buffer.from(body), privateKey).toString('base64'),
      };
    },
    stop: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

export type Scanner = Awaited<ReturnType<typeof startScanner>>;

function newPair() {
  return generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
}
