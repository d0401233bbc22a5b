#!/usr/bin/env node
/**
 * `npx keyward`: everything the admin API does, from a terminal or a pipeline. Node's builtins only.
 *
 * Standard output is for what was asked (and, with --json, for nothing else); everything said beside it goes to
 * standard error. It ends with 0 when done, 1 when refused, 2 when the command line is wrong, 3 when nobody answers.
 */
import { openApi } from './keyward/api.mjs';
import { readArguments } from './keyward/arguments.mjs';
import { audit } from './keyward/commands/audit.mjs';
import { checkBooks } from './keyward/commands/check-books.mjs';
import { doctor } from './keyward/commands/doctor.mjs';
import { explain } from './keyward/commands/explain.mjs';
import { keys } from './keyward/commands/keys.mjs';
import { members } from './keyward/commands/members.mjs';
import { projects } from './keyward/commands/projects.mjs';
import { login, logout, whoami } from './keyward/commands/session.mjs';
import { Failure } from './keyward/failure.mjs';
import { helpOf, overview } from './keyward/help.mjs';
import { openOutput } from './keyward/output.mjs';

const COMMANDS = { keys, projects, members, audit, 'check-books': checkBooks, explain, doctor, login, logout, whoami };

async function main(args) {
  const { command, path, rest } = findCommand(args);
  if (!command) {
    // Asked for help, or asked for nothing: only the second is a mistake.
    const asked = wantsHelp(args);
    (asked ? process.stdout : process.stderr).write(overview(COMMANDS, path[0]));
    return asked ? 0 : 2;
  }
  if (wantsHelp(rest)) {
    process.stdout.write(helpOf(path, command));
    return 0;
  }
  const { values, words } = readArguments(rest, path, command);
  const output = openOutput(values);
  const api = openApi(values);
  try {
    await command.run({ values, words, output, api });
  } finally {
    await api.close();
    output.close();
  }
  return 0;
}

function findCommand(args) {
  const [first, second, ...rest] = args;
  if (first === undefined || first.startsWith('-')) return { path: [] };
  const found = Object.hasOwn(COMMANDS, first) ? COMMANDS[first] : undefined;
  if (!found) throw new Failure('usage', `there is no command ${word(first)}; see keyward --help`);
  if (found.run) return { command: found, path: [first], rest: args.slice(1) };
  if (second === undefined || second.startsWith('-')) return { path: [first] };
  if (!Object.hasOwn(found, second))
    throw new Failure('usage', `there is no command ${first} ${word(second)}; see keyward ${first} --help`);
  return { command: found[second], path: [first, second], rest };
}

const wantsHelp = (args) => args.includes('--help') || args.includes('-h');

/** What was typed comes back only where it is short: it may be a secret in the wrong place. */
const word = (text) => (text.length <= 20 ? text : `of ${text.length} letters`);

// Whoever read our output has gone away (`keyward keys list | head`): not an error.
process.stdout.on('error', () => {});

// Whatever ends before it has come to its end was not done.
process.exitCode = 1;
main(process.argv.slice(2)).then(finish, (error) => {
  const failure = error instanceof Failure ? error : new Failure('refused', error.message);
  process.stderr.write(`keyward: ${failure.message}\n`);
  if (process.env.KEYWARD_DEBUG && error.stack) process.stderr.write(`${error.stack}\n`);
  finish(failure.exitCode);
});

function finish(code) {
  process.exitCode = code;
}
