/** The bus of this test worker: an account of its own on the test server, so that suites do not hear each other. */
export interface TestBus {
  /** With user and password, as `connectBus` takes it. */
  readonly url: string;
  /** The same in parts, as the NATS and Nest clients take it. */
  readonly servers: string;
  readonly user?: string;
  readonly pass?: string;
}

export function testBus(): TestBus {
  const given = process.env.KEYWARD_TEST_NATS_URL;
  if (!given) throw new Error('KEYWARD_TEST_NATS_URL is not set: test/servers-up.mjs starts NATS for the tests');
  const url = new URL(given);
  if (process.env.KEYWARD_TEST_NATS_ACCOUNTS !== '0') {
    url.username = url.password = `w${process.env.JEST_WORKER_ID ?? 1}`;
  }
  return { url: url.href, servers: url.host, user: url.username || undefined, pass: url.password || undefined };
}
