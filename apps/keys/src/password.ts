import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

const derive = promisify(argon2);

/** OWASP's first choice for argon2id: 19 MiB, two passes. */
const COST = { memory: 19_456, passes: 2, parallelism: 1 };
const TAG_LENGTH = 32;

/** `argon2id$memory$passes$salt$tag`: the cost stands beside the hash, so that it can be raised later. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const tag = await tagOf(password, salt, COST.memory, COST.passes);
  return ['argon2id', COST.memory, COST.passes, salt.toString('base64url'), tag.toString('base64url')].join('$');
}

export async function passwordMatches(password: string, stored: string): Promise<boolean> {
  const [kind, memory, passes, salt = '', tag = ''] = stored.split('$');
  if (kind !== 'argon2id') return false;
  const expected = Buffer.from(tag, 'base64url');
  const actual = await tagOf(password, Buffer.from(salt, 'base64url'), Number(memory), Number(passes));
  return expected.length === actual.length && timingSafeEqual(expected, actual);
}

/** For an e-mail nobody has: the answer must take as long as a wrong password does. */
const decoy = hashPassword('nobody has this password');
export async function wasteTime(password: string): Promise<void> {
  await passwordMatches(password, await decoy);
}

function tagOf(password: string, nonce: Buffer, memory: number, passes: number): Promise<Buffer> {
  return derive('argon2id', {
    message: Buffer.from(password.normalize('NFKC')),
    nonce,
    memory,
    passes,
    parallelism: COST.parallelism,
    tagLength: TAG_LENGTH,
  });
}
