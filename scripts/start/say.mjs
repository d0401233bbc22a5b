/** @param {string} line */
export function say(line) {
  process.stdout.write(`${line}\n`);
}

// Whoever read our output has gone away (`npm start | head`): not a reason to die with the servers running.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

/**
 * Says how long a step took. The name comes first where somebody watches, so that a slow step is not silence.
 * @template T @param {string} name @param {() => Promise<T>} step @returns {Promise<T>}
 */
export async function progress(name, step) {
  const begun = performance.now();
  if (process.stdout.isTTY) process.stdout.write(`  ${name} …\r`);
  const result = await step();
  const seconds = ((performance.now() - begun) / 1000).toFixed(1);
  say(`  ${name.padEnd(24)}${seconds} s`);
  return result;
}

/** @param {{ url: string, owner: { email?: string, password?: string }, api_key?: string }} facts @param {string} [note] */
export function banner({ url, owner, api_key }, note) {
  const lines = [
    '',
    `Keyward is up at ${url}`,
    '',
    `  owner     ${owner.email}`,
    `  password  ${owner.password}`,
    `  API key   ${api_key ?? 'none: make one after signing in'}`,
    '',
  ];
  if (note) lines.push(note, '');
  if (api_key) lines.push('Try it:', '', curl(url, api_key), '');
  lines.push('Ctrl-C stops everything; the data stays.');
  say(lines.join('\n'));
}

/** @param {string} url @param {string} key */
function curl(url, key) {
  const body = { model: 'echo', messages: [{ role: 'user', content: 'Hello, Keyward!' }] };
  const parts = [
    `curl ${url}/v1/chat/completions`,
    `-H 'Authorization: Bearer ${key}'`,
    `-H 'Content-Type: application/json'`,
    `-d '${JSON.stringify(body)}'`,
  ];
  return parts.map((part, i) => (i === 0 ? part : `  ${part}`)).join(' \\\n');
}
