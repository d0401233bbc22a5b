import { parseArgs } from 'node:util';
import { Failure } from './failure.mjs';

/** What every command takes. */
export const EVERYWHERE = {
  url: { type: 'string', value: 'url', help: 'where Keyward is (KEYWARD_URL; else the one npm start runs)' },
  json: { type: 'boolean', help: 'answer in JSON on standard output, and say nothing else there' },
  quiet: { type: 'boolean', help: 'say only what was asked for' },
  help: { type: 'boolean', short: 'h', help: 'show this' },
};

/** A secret in a flag stands in the shell's history and in every process list. */
const SECRETS = /^--?(?:key|api-?key|secret|token|password|passwd|bearer|authorization)(?:=|$)/i;
const LOOKS_SECRET = /^(?:[a-z][a-z0-9_-]{1,15}[_-])[0-9A-Za-z]{32,}$/;

/**
 * @param {string[]} args @param {string[]} path
 * @param {{ words?: string[], options?: Record<string, object> }} command
 */
export function readArguments(args, path, { words: wanted = [], options = {} }) {
  const see = `see keyward ${path.join(' ')} --help`;
  if (args.some((arg) => SECRETS.test(arg))) {
    throw new Failure(
      'usage',
      'secrets are never taken from flags: set KEYWARD_API_KEY, or KEYWARD_EMAIL and KEYWARD_PASSWORD, or use keyward login',
    );
  }
  const { values, positionals } = parse(args, { ...EVERYWHERE, ...options }, see);
  if (positionals.some((word) => LOOKS_SECRET.test(word)))
    throw new Failure('usage', 'that looks like a secret; name a key by its id, key_…, which keyward keys list shows');
  if (positionals.length !== wanted.length) {
    const usage = ['keyward', ...path, ...wanted.map((name) => `<${name}>`)].join(' ');
    throw new Failure('usage', `this is used as: ${usage}; ${see}`);
  }
  for (const [name, { required }] of Object.entries(options))
    if (required && values[name] === undefined) throw new Failure('usage', `--${name} is needed; ${see}`);
  return { values, words: positionals };
}

function parse(args, options, see) {
  const plain = Object.entries(options).map(([name, { type, short, multiple }]) => [
    name,
    { type, ...(short ? { short } : {}), ...(multiple ? { multiple } : {}) },
  ]);
  try {
    return parseArgs({ args, options: Object.fromEntries(plain), allowPositionals: true, strict: true });
  } catch (error) {
    // Node's own words, as far as they name the flag.
    throw new Failure('usage', `${error.message.split('. ')[0].replace(/\s+/g, ' ')}; ${see}`);
  }
}
